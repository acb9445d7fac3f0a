using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

[Trait("Needs", "Machine")]
public sealed class HeldStatmTests
{
    [Fact]
    public async Task A_process_that_ends_between_two_scans_is_not_told_again()
    {
        var proc = new ProcRoot();
        var state = Live.State();
        var mode = Live.EvaluatedMode(state);
        using var scanner = new ProcessScanner(proc, maxHeld: 10_000);
        var loud = new List<ProcessReading>();
        var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 2,
            cancellationToken: TestContext.Current.CancellationToken
        );
        await using (victim)
        {
            Assert.SkipWhen(victim.BuildFailure is not null, "this machine grants no mapping of that size");
            scanner.Scan(state, mode, 40, DateTimeOffset.UnixEpoch, loud);
            Assert.Contains(loud, r => r.Pid == victim.Pid);
        }

        loud.Clear();
        scanner.Scan(state, mode, 40, DateTimeOffset.UnixEpoch.AddSeconds(1), loud);

        Assert.DoesNotContain(loud, r => r.Pid == victim.Pid);
    }

    [Fact]
    public async Task A_process_that_grows_is_told_at_the_next_scan()
    {
        var state = Live.State();
        var mode = Live.EvaluatedMode(state);
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 10_000, new ReadBudget(ScanBudget.Unlimited));
        var loud = new List<ProcessReading>();
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 4,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.SkipWhen(victim.BuildFailure is not null, "this machine grants no mapping of that size");
        scanner.Scan(state, mode, 40, DateTimeOffset.UnixEpoch, loud);
        Assert.DoesNotContain(loud, r => r.Pid == victim.Pid);

        Assert.Equal(
            Errno.None,
            await victim.GrowAsync(MemoryLimit.Pages() / 4, TestContext.Current.CancellationToken)
        );
        scanner.Scan(state, mode, 40, DateTimeOffset.UnixEpoch.AddSeconds(1), loud);

        Assert.Contains(loud, r => r.Pid == victim.Pid && r.Source == ReadingSource.Smaps);
    }

    /// <summary>Committed_AS, which may excuse all processes, holds what any of them is charged.</summary>
    [Fact]
    public async Task No_process_is_charged_more_than_is_committed()
    {
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 2,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.SkipWhen(victim.BuildFailure is not null, "this machine grants no mapping of that size");
        var state = Live.State();
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 0) { TrustsCommitted = true };
        var loud = new List<ProcessReading>();

        scanner.Scan(state, Live.EvaluatedMode(state), 40, DateTimeOffset.UnixEpoch, loud);

        Assert.Contains(loud, r => r.Pid == victim.Pid);
        var charged = Live.Inspect(victim.Pid).Assessment.Used;
        Assert.InRange(charged, 1UL, state.Committed + state.CommitError);
    }
}
