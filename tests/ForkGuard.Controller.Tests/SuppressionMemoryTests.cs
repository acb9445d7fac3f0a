using System.Runtime.CompilerServices;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests;

public sealed class SuppressionMemoryTests : IDisposable
{
    private static readonly WatchIdentity Watch = new("ForkWatch", "shop", "redis");

    private readonly SettableTime _time = new();
    private readonly ControllerTelemetry _telemetry = new();
    private readonly SuppressionMemory _memory;
    private readonly long _start;

    public SuppressionMemoryTests()
    {
        _start = _time.GetTimestamp();
        _memory = new SuppressionMemory(_telemetry, _time);
    }

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
    public void A_clock_set_back_does_not_silence_the_repetition()
    {
        var target = TargetOf("pod-1");
        Assert.True(IsDue(target, BlockReason.Cooldown, 0));

        _time.SetBack(TimeSpan.FromHours(1));

        Assert.False(IsDue(target, BlockReason.Cooldown, 599));
        Assert.True(IsDue(target, BlockReason.Cooldown, 600));
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

    private bool IsDue(Target target, BlockReason reason, int second)
    {
        _time.Advance(TimeSpan.FromSeconds(second) - _time.GetElapsedTime(_start));
        return _memory.IsDue(Watch, target, reason);
    }

    private static Target TargetOf(string podUid) => new(podUid, "redis", "", "", "", "", "Pids");
}
