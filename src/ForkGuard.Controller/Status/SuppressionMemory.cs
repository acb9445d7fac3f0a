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

    private long _prunedTicks;

    /// <summary>Returns whether the block is new for this target, or was emitted ten minutes ago; it then counts as emitted now.</summary>
    internal bool IsDue(WatchIdentity watch, Target target, BlockReason block, DateTimeOffset now)
    {
        Prune(now);
        var key = (watch, target);
        if (_emitted.TryGetValue(key, out var emitted) && emitted.Reason == block && now - emitted.Time < RepeatEvery)
        {
            return false;
        }

        _emitted[key] = (block, now);
        telemetry.Suppressed(block);
        return true;
    }

    /// <summary>Forgets the blocks that are due again anyway: targets of pods that are gone are never decided about again.</summary>
    private void Prune(DateTimeOffset now)
    {
        if (Math.Abs(now.Ticks - Interlocked.Read(ref _prunedTicks)) < RepeatEvery.Ticks)
        {
            return;
        }

        Interlocked.Exchange(ref _prunedTicks, now.Ticks);
        foreach (var (key, emitted) in _emitted)
        {
            if ((now - emitted.Time).Duration() >= RepeatEvery)
            {
                _emitted.TryRemove(key, out _);
            }
        }
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
