using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A child that stays, as the one with which a database saves, and what it holds of the commit charge.</summary>
[Trait("Needs", "Machine")]
public sealed class ForkChildrenTests
{
    [Fact]
    public async Task What_it_holds_is_told_while_it_lives_and_is_free_afterwards()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() * 40 / 100,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(Live.State().Mode == OvercommitMode.Strict, "strict mode may refuse the layout or its fork");
        var size = victim.Range.End - victim.Range.Start;
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 100, new ReadBudget(ScanBudget.Unlimited));
        Assert.InRange(Scan(scanner, victim.Pid).ForkChildren, 0UL, size - 1);

        Assert.Equal(Errno.None, await victim.KeepChildAsync(cancellation));
        var during = Scan(scanner, victim.Pid);
        Assert.False(during.IsForkChild);
        Assert.InRange(during.ForkChildren, size, during.Assessment.Used - during.Assessment.Own);

        Assert.Equal(Errno.None, await victim.EndChildAsync(cancellation));
        Assert.InRange(Scan(scanner, victim.Pid).ForkChildren, 0UL, size - 1);
    }

    [Fact]
    public async Task A_child_that_shares_the_memory_is_not_taken_for_a_save()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var victim = await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() * 40 / 100,
            cancellationToken: cancellation
        );
        Assert.SkipWhen(victim.BuildFailure is not null, "strict mode may refuse the layout");
        using var scanner = new ProcessScanner(new ProcRoot(), maxHeld: 100, new ReadBudget(ScanBudget.Unlimited));

        Assert.Equal(Errno.None, await victim.ShareChildAsync(cancellation));

        Assert.False(Assert.Single(ScanAll(scanner), r => r.Parent == victim.Pid).IsForkChild);
        Assert.Equal(Errno.None, await victim.EndChildAsync(cancellation));
        Assert.Equal(Errno.None, await victim.KeepChildAsync(cancellation));
        Assert.True(Assert.Single(ScanAll(scanner), r => r.Parent == victim.Pid).IsForkChild);
        Assert.Equal(Errno.None, await victim.EndChildAsync(cancellation));
    }

    /// <summary>By the rule of strict mode, which the machine need not be in: what is committed is counted in every mode.</summary>
    private static List<ProcessReading> ScanAll(ProcessScanner scanner)
    {
        var found = new List<ProcessReading>();
        scanner.Scan(Live.State(), OvercommitMode.Strict, levelPercent: 1, DateTimeOffset.UnixEpoch, found);
        return found;
    }

    private static ProcessReading Scan(ProcessScanner scanner, int pid) =>
        ScanAll(scanner).Single(reading => reading.Pid == pid);
}
