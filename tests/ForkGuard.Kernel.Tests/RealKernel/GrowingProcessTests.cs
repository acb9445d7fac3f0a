using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>The kernel merges what is mapped next to a mapping, and ForkGuard follows it without reading smaps again.</summary>
[Trait("Needs", "Machine")]
public sealed class GrowingProcessTests
{
    [Fact]
    public async Task One_that_grows_past_the_limit_is_followed_by_maps_alone()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() - 2,
            cancellationToken: cancellation
        );
        var state = Live.State();
        Assert.SkipWhen(
            victim.BuildFailure is not null || state.Mode == OvercommitMode.Strict,
            "strict mode grants no mapping of that size"
        );
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 10_000, new ReadBudget(ScanBudget.Unlimited));
        Assert.False(Scan(scanner, state, victim.Pid).IsKept);

        for (var page = 1; page <= 4; page++)
        {
            Assert.Equal(Errno.None, await victim.GrowAsync(1, cancellation));
            var reading = Scan(scanner, state, victim.Pid);
            Assert.Equal((true, victim.Range.End - victim.Range.Start), (reading.IsKept, reading.Assessment.Used));
            Assert.Equal(page > 2 ? Verdict.CannotFork : Verdict.CanFork, reading.Assessment.Verdict);
        }
    }

    [Fact]
    public async Task Below_the_warning_level_smaps_is_not_read_though_it_grows()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 8,
            cancellationToken: cancellation
        );
        var state = Live.State();
        Assert.SkipWhen(victim.BuildFailure is not null, "this machine grants no mapping of that size");
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 10_000, new ReadBudget(ScanBudget.Unlimited));
        for (var scan = 0; scan < 3; scan++)
        {
            Assert.Equal(Errno.None, await victim.GrowAsync(1, cancellation));
            var reading = Scan(scanner, state, victim.Pid);
            Assert.Equal(
                (ReadingSource.Maps, victim.Range.End - victim.Range.Start),
                (reading.Source, reading.Assessment.Used)
            );
        }
    }

    private static ProcessReading Scan(ProcessScanner scanner, in KernelState state, int pid)
    {
        var found = new List<ProcessReading>();
        var time = TimeProvider.System.GetUtcNow();
        scanner.Scan(state, OvercommitMode.Heuristic, new ScanLevels(10, 70), time, found);
        return found.Single(r => r.Pid == pid);
    }
}
