using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary><c>watch</c> in a pipe for as long as it runs.</summary>
[Trait("Needs", "Machine")]
public class WatchTests
{
    private const int Hold = 2;
    private const int Manifests = 500;

    // The flags of a process at risk are read anew within a minute, at the next scan after it.
    private static readonly TimeSpan KeptAnswer = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static long Half => MemoryLimit.Pages() / 2;
    private static long AQuarter => MemoryLimit.Pages() / 4;

    [Fact]
    public async Task The_header_comes_first_with_kernel_mode_limit_and_committed()
    {
        using var folder = WatchFolder.OfItsCommand(Hold);
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(IsFirstScan, Soon, Check.Stop);
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").TrimEnd();
        var mode = RunningKernel.OvercommitMode;
        var limit = mode == 1 ? "no limit" : "limit [0-9.]+ [KMGT]iB";
        Assert.Matches(
            $@"^kernel {System.Text.RegularExpressions.Regex.Escape(release)}, overcommit mode {mode} .*{limit}, committed [0-9.]+ [KMGT]iB",
            watch.Lines[0]
        );
        Assert.Contains($"hold {Hold} s", watch.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_past_the_threshold_is_emitted_once_after_the_hold_and_so_is_the_recovery()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(Hold);
        await using var victim = await folder.StartVictimAsync(Half);
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(IsFirstScan, cancellationToken: Check.Stop);
        Assert.Equal(Errno.None, await victim.GrowAsync(AQuarter, Check.Stop));
        var risk = await watch.WaitForLineAsync(
            Reports("ForkNearLimit", victim, folder),
            cancellationToken: Check.Stop
        );
        Assert.Matches(@": 7[45] % .*, (not known to grow|growing for too short a time to warn)", risk);

        Assert.Equal(Errno.None, await victim.FreeAsync(Check.Stop));
        await watch.WaitForLineAsync(Reports("ForkRecovered", victim, folder), cancellationToken: Check.Stop);
        await watch.InterruptAsync(Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        var told = watch.Lines.Where(IsEvent).Select(line => line.Split(' ')[1]);
        Assert.Equal("ForkNearLimit ForkRecovered", string.Join(' ', told));
        Assert.Equal("", watch.Errors);
    }

    [Fact]
    public async Task What_only_the_flags_show_is_measured_anew()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        // Without a hold the first scan tells it, and its answer is the one that is kept.
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(Reports("ForkImpossible", victim, folder), cancellationToken: Check.Stop);
        Assert.Equal(Errno.None, await victim.DontForkAsync(Check.Stop));
        Assert.Equal(Errno.None, await victim.ForkAsync(Check.Stop));
        await watch.WaitForLineAsync(Reports("ForkRecovered", victim, folder), KeptAnswer, Check.Stop);
    }

    [Fact]
    public async Task A_process_that_ends_while_at_risk_is_told_to_have_ended()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(Reports("ForkImpossible", victim, folder), cancellationToken: Check.Stop);
        var recovered = Reports("ForkRecovered", victim, folder);
        await victim.DisposeAsync();
        var line = await watch.WaitForLineAsync(recovered, cancellationToken: Check.Stop);
        Assert.Contains("ended", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_JSON_every_line_is_an_object_from_the_header_to_the_end()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = folder.Watch("json");
        await watch.WaitForLineAsync(l => l.Contains("ForkImpossible", StringComparison.Ordinal), Soon, Check.Stop);
        await watch.InterruptAsync(Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        var types = watch.Lines.Select(l => (string?)System.Text.Json.Nodes.JsonNode.Parse(l)!["type"]);
        Assert.Equal("Header Scan Event End", string.Join(' ', types));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_it_cleanly_with_a_last_line(string signal)
    {
        using var folder = WatchFolder.OfItsCommand(Hold);
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(IsFirstScan, cancellationToken: Check.Stop);
        await watch.SignalAsync(signal, Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        Assert.Matches("^stopped after [1-9][0-9]* scans? and 0 events$", watch.Lines[^1]);
        Assert.Equal("", watch.Errors);
    }

    /// <summary>It reads its manifests, and has printed nothing yet.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_during_its_start_ends_it_cleanly(string signal)
    {
        using var folder = WatchFolder.OfItsCommand(Hold);
        for (var i = 0; i < Manifests; i++)
        {
            folder.WriteHost($"more-{i}", $"{{commands: [{folder.Command}]}}");
        }

        await Condition.HoldsAsync(
            async token =>
            {
                await using var watch = folder.Watch();
                while (!ReadsFrom(folder, watch.Pid) && watch.Lines.Count == 0)
                {
                    token.ThrowIfCancellationRequested();
                }

                await watch.SignalAsync(signal, token);
                Assert.Equal(0, await watch.WaitForExitAsync(token));
                Assert.Equal("", watch.Errors);
                return watch.Lines[^1] == "stopped after 0 scans and 0 events";
            },
            "the signal comes while the watch reads its manifests",
            cancellationToken: Check.Stop
        );
    }

    [Fact]
    public async Task A_wrong_manifest_beside_a_good_one_shows_in_the_exit_code_at_the_end()
    {
        using var folder = WatchFolder.OfItsCommand(Hold);
        folder.Write("wrong.yaml", WatchFolder.Manifest("ClusterForkWatch", "wrong", "colour: red"));
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(IsFirstScan, cancellationToken: Check.Stop);
        await watch.InterruptAsync(Check.Stop);
        Assert.Equal(2, await watch.WaitForExitAsync(Check.Stop));
        Assert.Contains("spec.colour", watch.Errors, StringComparison.Ordinal);
    }

    private static bool ReadsFrom(WatchFolder folder, int pid)
    {
        try
        {
            return Directory
                .EnumerateFiles($"/proc/{pid}/fd")
                .Any(link => new FileInfo(link).LinkTarget?.StartsWith(folder.Root, StringComparison.Ordinal) == true);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsFirstScan(string line) => line.StartsWith("first scan: ", StringComparison.Ordinal);

    private static bool IsEvent(string line) => line.Length > 8 && line[2] == ':' && line[5] == ':';

    private static Func<string, bool> Reports(string reason, Victim victim, WatchFolder folder)
    {
        var said = $" {reason} {folder.Command} ({victim.Pid})";
        return line => line.Contains(said, StringComparison.Ordinal);
    }
}
