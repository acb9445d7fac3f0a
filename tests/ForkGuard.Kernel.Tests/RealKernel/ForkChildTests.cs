using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>A child that stays, as the one with which a database saves, and what it holds of the commit charge.</summary>
[Trait("Needs", "Machine")]
public sealed class ForkChildTests
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
        var before = Inspect(victim.Pid);

        Assert.Equal(Errno.None, await victim.KeepChildAsync(cancellation));
        var during = Inspect(victim.Pid);
        Assert.Equal(Errno.None, await victim.EndChildAsync(cancellation));
        var after = Inspect(victim.Pid);

        Assert.Equal((0UL, 0UL), (before.ForkChild, after.ForkChild));
        Assert.InRange(during.ForkChild, size, during.Assessment.Own);
    }

    private static ProcessReading Inspect(int pid) =>
        new ProcessInspector(new ProcRoot()).Inspect(
            pid,
            Live.State(),
            OvercommitMode.Strict,
            levelPercent: 0,
            DateTimeOffset.UnixEpoch
        );
}
