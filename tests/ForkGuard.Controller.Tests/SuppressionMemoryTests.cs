using System.Runtime.CompilerServices;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests;

public sealed class SuppressionMemoryTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly WatchIdentity Watch = new("ForkWatch", "shop", "redis");

    private readonly ControllerTelemetry _telemetry = new();
    private readonly SuppressionMemory _memory;

    public SuppressionMemoryTests() => _memory = new SuppressionMemory(_telemetry);

    [Fact]
    public void A_block_is_due_at_once_on_a_change_and_every_ten_minutes()
    {
        var target = TargetOf("pod-1");

        Assert.True(IsDue(target, BlockReason.Cooldown, 0));
        Assert.False(IsDue(target, BlockReason.Cooldown, 599));
        Assert.True(IsDue(target, BlockReason.Budget, 599));
        Assert.False(IsDue(target, BlockReason.Budget, 1198));
        Assert.True(IsDue(target, BlockReason.Budget, 1199));
        Assert.True(IsDue(TargetOf("pod-2"), BlockReason.Budget, 1199));
    }

    [Fact]
    public void Targets_that_no_decision_is_about_any_more_are_forgotten()
    {
        var gone = Block("pod-of-yesterday");

        Assert.True(IsDue(TargetOf("pod-1"), BlockReason.OutsideWindow, 1200));

        GC.Collect();
        Assert.False(gone.IsAlive);
    }

    public void Dispose() => _telemetry.Dispose();

    // The frame of another method keeps no reference to the text.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Block(string uid)
    {
        var text = new string(uid.AsSpan());
        Assert.True(IsDue(TargetOf(text), BlockReason.OutsideWindow, 0));
        return new WeakReference(text);
    }

    private bool IsDue(Target target, BlockReason reason, int second) =>
        _memory.IsDue(Watch, target, reason, Noon + TimeSpan.FromSeconds(second));

    private static Target TargetOf(string podUid) => new(podUid, "redis", "", "", "", "", "Pids");
}
