using System.Collections.Concurrent;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Status;

/// <summary>Last emitted block of each target: emitted on a change, and then every ten minutes.</summary>
internal sealed class SuppressionMemory(ControllerTelemetry telemetry)
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(WatchIdentity, Target), (BlockReason Reason, DateTimeOffset Time)> _emitted =
        new();

    /// <summary>Returns whether the block is new for this target, or was emitted ten minutes ago; it then counts as emitted now.</summary>
    internal bool IsDue(WatchIdentity watch, Target target, BlockReason block, DateTimeOffset now)
    {
        var key = (watch, target);
        if (_emitted.TryGetValue(key, out var emitted) && emitted.Reason == block && now - emitted.Time < RepeatEvery)
        {
            return false;
        }

        _emitted[key] = (block, now);
        telemetry.Suppressed(block);
        return true;
    }

    internal void Forget(WatchIdentity watch, Target target) => _emitted.TryRemove((watch, target), out _);

    internal void Forget(WatchIdentity watch)
    {
        foreach (var key in _emitted.Keys.Where(key => key.Item1 == watch))
        {
            _emitted.TryRemove(key, out _);
        }
    }
}
