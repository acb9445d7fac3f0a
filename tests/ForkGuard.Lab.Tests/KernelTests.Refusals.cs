using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

public abstract partial class KernelTests
{
    // Events of one command are at least ten minutes apart.
    private const int EventSeconds = 600;

    /// <summary>
    /// Programs that end before a scan can meet them: one whose mapping is refused, and several whose forks are. Their only trace is
    /// the kernel's log.
    /// </summary>
    [Fact]
    public async Task Watch_reports_a_short_lived_program_with_the_number_of_refusals_and_since_when()
    {
        var tooMany = await Guest.LimitAsync() + 1;
        await Guest.SpawnAsync("watch", $"{Initramfs.ForkGuard} watch -f {Initramfs.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        await LetTheLogHaveRoomAsync();

        var mapping = await Guest.RunAsync(Initramfs.Victim, "areas", Text($"rw:{tooMany}"));
        Assert.Contains("failed 12 ENOMEM mmap", mapping, StringComparer.Ordinal);
        var first = await RefusedAsync();
        Assert.Equal(1, (long)first["count"]!);
        Assert.Equal(Time(first["since"]), Time(first["lastTime"]));

        var logged = 0;
        var pid = 0;
        for (var i = 0; i < 3; i++)
        {
            var victim = await Bench.StartAsync($"merged {tooMany}");
            var (fork, _) = await Bench.ForkAsync(victim);
            await Guest.EndAsync(victim);
            Assert.True(fork.IsRefused);
            logged += fork.Log.Count;
            pid = victim.Pid!.Value;
        }

        await Guest.AdvanceClockAsync(EventSeconds);
        var second = await RefusedAsync();
        Assert.Equal(3, logged);
        Assert.Equal((logged, pid), ((long)second["count"]!, (int)second["lastPid"]!));
        // The first event counted until then.
        Assert.Equal(Time(first["lastTime"]), Time(second["since"]));
    }

    /// <summary>The kernel writes at most ten lines in five seconds, and earlier tests were refused as well.</summary>
    private async Task LetTheLogHaveRoomAsync()
    {
        var quiet = await Guest.UptimeAsync() + LogBudget.Window;
        await Condition.HoldsAsync(
            async _ => await Guest.UptimeAsync() > quiet,
            "the kernel has room for a line",
            TimeSpan.FromMinutes(2),
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>Reads the next event about refusals of the victim in the kernel's log, past all others.</summary>
    private async Task<JsonObject> RefusedAsync()
    {
        while (true)
        {
            var line = await Guest.LineAsync("watch");
            Assert.StartsWith("{", line, StringComparison.Ordinal);
            output.WriteLine(line);
            var json = JsonNode.Parse(line)!.AsObject();
            if (
                (string?)json["event"] == "ForkRefused"
                && json["refusal"] is JsonObject refusal
                && (string?)refusal["kind"] == "Memory"
                && (string?)refusal["name"] == "victim"
            )
            {
                return refusal;
            }
        }
    }

    private static DateTimeOffset Time(JsonNode? time) =>
        DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
