using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>The two commands that show rather than judge.</summary>
[Trait("Needs", "Machine")]
public class TopAndExplainTests
{
    [Fact]
    public async Task Top_shows_the_worst_first()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var half = await StartAsync(MemoryLimit.Pages() / 2);
        await using var whole = await StartAsync(MemoryLimit.Pages() + 1);
        string[] arguments = ["top", "-o", "json"];
        var top = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        var processes = Check.Objects(top);
        var pids = processes.Select(p => (int)p["pid"]!).ToList();
        Assert.InRange(pids.IndexOf(whole.Pid), 0, pids.IndexOf(half.Pid) - 1);
        // The worst constraint counts, which for a save is not the one that binds a fork. An upper bound proves no risk, such as that
        // of another program with large reservations, and an unread one has no percentage.
        var atRisk = processes
            .Where(p => (string?)p["verdict"] != "Unknown")
            .Select(p =>
                p["constraints"]!
                    .AsArray()
                    .Any(c => (string?)c!["confidence"] != "UpperBound" && (int?)c["percent"] >= 70)
            )
            .ToList();
        Assert.Equal(atRisk.OrderDescending(), atRisk);
        Assert.Equal(0, top.ExitCode);
    }

    [Fact]
    public async Task Top_shows_as_many_as_it_is_asked_for()
    {
        string[] arguments = ["top", "-n", "3", "-o", "json"];
        var top = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        Assert.Equal(3, Check.Objects(top).Count);
    }

    [Fact]
    public async Task Top_has_the_advice_of_the_event_for_the_worst()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await StartAsync(MemoryLimit.Pages() + 1);
        string[] arguments = ["top", "--filter", Check.Text(victim.Pid)];
        var top = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        var advice = string.Join(' ', top.StandardOutput.Split('\n', StringSplitOptions.TrimEntries).Skip(4));
        Assert.Contains(
            $"({victim.Pid}): madvise(MADV_DONTFORK) on the mapping, or add swap",
            advice,
            StringComparison.Ordinal
        );
        Assert.Contains($"details: forkguard check {victim.Pid}", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_marks_the_largest_area_and_draws_the_limit()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        await using var victim = await StartAsync(MemoryLimit.Pages() + 1);
        string[] arguments = ["explain", Check.Text(victim.Pid)];
        var explain = await ForkGuardBinary.RunAsync(arguments, cancellationToken: Check.Stop);
        var marked = Assert.Single(
            explain.StandardOutput.Split('\n'),
            line => line.StartsWith('>') && line.Contains(" rw-p ", StringComparison.Ordinal)
        );
        var start = victim.Range.Start.ToString("x", CultureInfo.InvariantCulture);
        Assert.Contains($" {start} ", marked, StringComparison.Ordinal);
        Assert.Contains("#|", marked, StringComparison.Ordinal);
        Assert.Equal(0, explain.ExitCode);
    }

    private static Task<Victim> StartAsync(long pages) =>
        Victim.StartAsync(VictimLayout.Merged, pages, cancellationToken: Check.Stop);
}
