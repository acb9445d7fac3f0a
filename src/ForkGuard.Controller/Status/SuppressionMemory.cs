using System.Collections.Concurrent;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Status;

/// <summary>Last emitted block of each target: emitted on a change, and then every ten minutes.</summary>
internal sealed class SuppressionMemory(ControllerTelemetry telemetry, TimeProvider time)
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(10);

    // Timestamps: the wall clock may be set back.
    private readonly ConcurrentDictionary<(WatchIdentity, Target), (BlockReason Reason, long Timestamp)> _emitted =
        new();

    private long _pruned = time.GetTimestamp();

    /// <summary>Returns whether the block is new for this target, or was emitted ten minutes ago; it then counts as emitted now.</summary>
    internal bool IsDue(WatchIdentity watch, Target target, BlockReason block)
    {
        var now = time.GetTimestamp();
        Prune(now);
        var key = (watch, target);
        if (
            _emitted.TryGetValue(key, out var emitted)
            && emitted.Reason == block
            && time.GetElapsedTime(emitted.Timestamp, now) < RepeatEvery
        )
        {
            return false;
        }

        _emitted[key] = (block, now);
        telemetry.Suppressed(block);
        return true;
    }

    /// <summary>Forgets the blocks that are due again anyway: targets of pods that are gone are never decided about again.</summary>
    private void Prune(long now)
    {
        if (time.GetElapsedTime(Interlocked.Read(ref _pruned), now) < RepeatEvery)
        {
            return;
        }

        Interlocked.Exchange(ref _pruned, now);
        foreach (var (key, emitted) in _emitted)
        {
            if (time.GetElapsedTime(emitted.Timestamp, now) >= RepeatEvery)
            {
                _emitted.TryRemove(key, out _);
            }
        }
    }

    internal void Forget(WatchIdentity watch)
    {
        foreach (var key in _emitted.Keys.Where(key => key.Item1 == watch))
        {
            _emitted.TryRemove(key, out _);
        }
    }
}
