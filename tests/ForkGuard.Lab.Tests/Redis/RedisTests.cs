using System.Text.Json;
using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Redis;

/// <summary>The program that most who meet a refused fork meet it with.</summary>
[Trait("Needs", "Machine")]
public sealed class RedisTests(RedisMachine machine, ITestOutputHelper output) : IClassFixture<RedisMachine>
{
    private const int StepMebibytes = 4;
    private const int MostSteps = 40;

    /// <summary>Longer than a check and a save take on an emulated processor, so that all steps are equally long.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Growth counts from when a process has settled after its start.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(125);

    private Guest Guest => machine.Guest;

    [Fact]
    public async Task BGSAVE_is_refused_when_check_says_so_and_watch_has_warned_with_a_right_forecast()
    {
        // Before Redis starts: its allocator asks for the mode once.
        await Guest.SetModeAsync(2);
        var redis = await GuestRedis.StartAsync(Guest);
        await Guest.SpawnAsync("watch", $"{Initramfs.ForkGuard} watch -f {GuestRedis.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);

        var settled = await Guest.UptimeAsync() + Settling;
        await Condition.HoldsAsync(
            async _ => await Guest.UptimeAsync() > settled,
            "Redis has settled",
            TimeSpan.FromMinutes(10),
            TestContext.Current.CancellationToken
        );

        var steps = await FillUntilRefusedAsync(redis);
        var (lastGood, failed) = (steps[^2], steps[^1]);
        var warned = await FirstWarningAsync(lastGood.Time - (Period / 2));

        Assert.True(failed.Trial.Fork.IsRefused, "No BGSAVE was refused");
        Assert.Equal(GuestRedis.Refusal, failed.Program.Words);
        Assert.All(steps, s => Assert.True(s.Trial.Witness == Witness.Agrees, s.Trial.Describe()));
        Assert.All(steps, s => Assert.False(s.Trial.IsWrongOutsideItsError, s.Trial.Describe()));
        Assert.Equal(
            (GuestVerdict.CanFork, GuestVerdict.CannotFork),
            (lastGood.Trial.Verdict.Verdict, failed.Trial.Verdict.Verdict)
        );

        // The values of the step, not the save after them, pass the limit.
        var left = failed.Filled - warned.Time;
        var lateness = steps.Max(s => s.Lateness);
        var forecast =
            $"{warned.Time:HH:mm:ss.fff} watch: {warned.Forecast.TotalSeconds} s left; really {left.TotalSeconds:F1} s; a step began at most {lateness.TotalSeconds:F1} s late";
        output.WriteLine(forecast);
        Assert.True(warned.Time < lastGood.Time, "watch did not warn in an earlier step than the first failure");
        Assert.True(left / warned.Forecast is >= 0.5 and <= 2, forecast);
    }

    private async Task<List<Step>> FillUntilRefusedAsync(GuestRedis redis)
    {
        var begin = await Guest.UptimeAsync();
        var steps = new List<Step>();
        do
        {
            var due = begin + (steps.Count * Period);
            await redis.WaitUntilAsync(due);
            var lateness = await Guest.UptimeAsync() - due;
            var filled = await redis.FillAsync(StepMebibytes);
            var verdict = await machine.CheckAsync(redis.Pid);
            var save = await redis.SaveAsync();
            var size = $"{(steps.Count + 1) * StepMebibytes} MiB of values";
            steps.Add(
                new(
                    machine.Judge(RedisMachine.Package, "BGSAVE", size, verdict, save.Fork),
                    filled,
                    save.Time,
                    lateness
                )
            );
            output.WriteLine(steps[^1].Program.Describe());
        } while (!steps[^1].Trial.Fork.IsRefused && steps.Count < MostSteps);

        machine.Report.Add([.. steps.Select(s => s.Program)]);
        return steps;
    }

    /// <summary>
    /// The first event about Redis. Until a time none may say that a fork is impossible, though during each save there is
    /// the child's charge too; in the last step that succeeds so little is left that check itself takes it for a moment.
    /// A change of mode, which watch tells as well, ends its lines.
    /// </summary>
    private async Task<Warning> FirstWarningAsync(DateTimeOffset possibleUntil)
    {
        await Guest.SetModeAsync(1);
        Warning? first = null;
        while (true)
        {
            var line = await Guest.LineAsync("watch");
            output.WriteLine($"watch: {line}");
            using var document = JsonDocument.Parse(line);
            var type = document.RootElement.GetProperty("event").GetString();
            if (type == "OvercommitModeChanged")
            {
                Assert.NotNull(first);
                return first;
            }

            // The kernel's log, and room for the save: neither is a risk to the next fork.
            if (
                !document.RootElement.TryGetProperty("constraint", out var constraint)
                || constraint.GetProperty("type").GetString() != "CommitCharge"
            )
            {
                continue;
            }

            var time = document.RootElement.GetProperty("time").GetDateTimeOffset();
            Assert.True(type != "ForkImpossible" || time > possibleUntil, $"told before {possibleUntil:O}: {line}");
            if (first is null)
            {
                Assert.Equal("ForkAtRisk", type);
                var seconds = constraint.GetProperty("secondsToLimit").GetInt64();
                first = new(time, TimeSpan.FromSeconds(seconds));
            }
        }
    }

    private sealed record Step(ProgramTrial Program, DateTimeOffset Filled, DateTimeOffset Time, TimeSpan Lateness)
    {
        internal Trial Trial => Program.Trial;
    }

    private sealed record Warning(DateTimeOffset Time, TimeSpan Forecast);
}
