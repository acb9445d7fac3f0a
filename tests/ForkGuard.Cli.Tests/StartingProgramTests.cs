using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>watch of programs as they start: workers that inherit their parent's memory, and memory that rises only at first.</summary>
[Trait("Needs", "Machine")]
public sealed class StartingProgramTests
{
    private const int Workers = 12;
    private const int MaxSteps = 60;

    [Fact]
    public async Task Forked_workers_that_share_one_cause_are_one_event_and_one_recovery()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() * 4 / 5);
        Assert.Equal(Errno.None, await victim.StartWorkersAsync(Workers, Check.Stop));
        await using var watch = folder.Watch("json");
        var risk = await watch.WaitForLineAsync(IsEvent("ForkNearLimit"), cancellationToken: Check.Stop);
        Assert.Contains(Text($"\"processCount\":{Workers + 1}"), risk, StringComparison.Ordinal);

        await victim.DisposeAsync();
        await watch.WaitForLineAsync(IsEvent("ForkRecovered"), cancellationToken: Check.Stop);
        await watch.InterruptAsync(Check.Stop);
        Assert.Equal(0, await watch.WaitForExitAsync(Check.Stop));
        Assert.Equal(2, watch.Lines.Count(line => line.Contains($"\"{folder.Command}\"", StringComparison.Ordinal)));
        Assert.Contains("\"events\":2", watch.Lines[^1], StringComparison.Ordinal);
    }

    /// <summary>By its growth at the start alone, the process would reach the limit within a minute.</summary>
    [Fact]
    public async Task Memory_that_rises_at_the_start_to_45_percent_and_stays_is_no_event()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = new WatchFolder();
        folder.Write(
            "host.yaml",
            WatchFolder.Manifest(
                "ClusterForkWatch",
                "host",
                $"hostProcesses: {{commands: [{folder.Command}]}}\n  holdSeconds: 0\n  forecastSeconds: 3600"
            )
        );
        var percent = 15;
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() * percent / 100);
        await using var terminal = PseudoTerminal.Start(["watch", "-f", folder.Root, "--interval", "1"], columns: 200);
        var scan = 1;
        for (; percent < 45 || !HasTimeLeft(terminal, victim); scan++)
        {
            Assert.True(scan < MaxSteps, terminal.Output);
            await IsOnScanAsync(terminal, scan);
            if (percent < 45)
            {
                percent += 2;
                Assert.Equal(Errno.None, await victim.GrowAsync(MemoryLimit.Pages() * 2 / 100, Check.Stop));
            }
        }

        await IsOnScanAsync(terminal, scan + 3);
        Assert.Equal(Errno.None, await victim.ForkAsync(Check.Stop));
        await terminal.PressAsync("q", Check.Stop);
        Assert.Equal(0, await terminal.WaitForExitAsync(Check.Stop));
        Assert.EndsWith(
            "and 0 events",
            terminal.Lines.Last(line => !string.IsNullOrWhiteSpace(line)).TrimEnd(),
            StringComparison.Ordinal
        );
    }

    private static Task IsOnScanAsync(PseudoTerminal terminal, int scan) =>
        terminal.WaitForAsync(
            lines => lines.Any(line => line.Contains(Text($"scan {scan} at "), StringComparison.Ordinal)),
            Check.Stop
        );

    /// <summary>Some drawing of its row has a growth, and a time that is left.</summary>
    private static bool HasTimeLeft(PseudoTerminal terminal, Victim victim) =>
        terminal.Lines.Any(line =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var pid, ..] words
            && pid == Check.Text(victim.Pid)
            && Array.FindIndex(words, word => word.EndsWith("/min", StringComparison.Ordinal)) is >= 0 and var growth
            && words[growth + 1] != "-"
        );

    private static Func<string, bool> IsEvent(string reason) =>
        line => line.Contains($"\"event\":\"{reason}\"", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
