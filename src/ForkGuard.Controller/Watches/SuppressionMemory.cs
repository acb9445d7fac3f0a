using System.Collections.Concurrent;
using ForkGuard.Controller.Judging;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Watches;

/// <summary>When which veto was last told of which target: on a change, and then every ten minutes.</summary>
internal sealed class SuppressionMemory(ControllerTelemetry telemetry)
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(WatchIdentity, Target), (BlockReason Veto, DateTimeOffset Time)> _told =
        new();

    /// <summary>The veto is new for this target, or was told ten minutes ago; it counts as told from now on.</summary>
    internal bool IsDue(WatchIdentity watch, Target target, BlockReason veto, DateTimeOffset now)
    {
        var key = (watch, target);
        if (_told.TryGetValue(key, out var told) && told.Veto == veto && now - told.Time < RepeatEvery)
        {
            return false;
        }

        _told[key] = (veto, now);
        telemetry.Suppressed(veto);
        return true;
    }

    internal void Forget(WatchIdentity watch, Target target) => _told.TryRemove((watch, target), out _);

    internal void Forget(WatchIdentity watch)
    {
        foreach (var key in _told.Keys.Where(key => key.Item1 == watch))
        {
            _told.TryRemove(key, out _);
        }
    }
}
