using System.Collections.Concurrent;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>
/// Has the wanted restarts of each watch decided, and emits why one was not done. Decisions have a queue of their own: one that
/// waits for the API server holds up no status.
/// </summary>
internal sealed partial class WantedRestarts(
    Restarter restarter,
    RiskEvents events,
    SuppressionMemory suppressions,
    Action<WatchIdentity> decided,
    ILogger<WantedRestarts> logger,
    TimeProvider time
) : IDisposable
{
    private const int Workers = 4;

    /// <summary>A block of a longer time ago shows nothing about a restart that was not wanted since.</summary>
    private static readonly TimeSpan BlocksLast = TimeSpan.FromMinutes(10);

    private readonly WorkQueue<WatchIdentity> _queue = new(time);
    private readonly ConcurrentDictionary<WatchIdentity, (WatchResource Resource, TargetTracker Tracker)> _wanted =
        new();
    private readonly ConcurrentDictionary<WatchIdentity, Decision> _decisions = new();

    /// <summary>Enqueues a decision on the wanted restarts of a watch.</summary>
    internal void Post(WatchResource resource, TargetTracker tracker)
    {
        _wanted[resource.Identity] = (resource, tracker);
        _queue.Add(resource.Identity);
    }

    /// <summary>The targets whose restart is wanted and was not done by the last decision, worst first.</summary>
    internal IReadOnlyList<SuppressedTarget> SuppressedOf(TargetTracker tracker)
    {
        if (
            !_decisions.TryGetValue(tracker.Watch.Identity, out var decision)
            || !ReferenceEquals(decision.Tracker, tracker)
        )
        {
            return [];
        }

        var wanted = tracker.Wanted.Select(state => state.Target).ToHashSet();
        return [.. decision.Suppressed.Where(suppressed => wanted.Contains(suppressed.State.Target))];
    }

    internal void Forget(WatchIdentity identity)
    {
        _wanted.TryRemove(identity, out _);
        _decisions.TryRemove(identity, out _);
        suppressions.Forget(identity);
    }

    internal Task RunAsync(CancellationToken cancellationToken) =>
        Loops.RunAsync([.. Enumerable.Repeat<Func<CancellationToken, Task>>(WorkAsync, Workers)], cancellationToken);

    public void Dispose() => _queue.Dispose();

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (await _queue.GetAsync(cancellationToken) is { IsShutDown: false, Key: var identity })
        {
            try
            {
                await DecideAsync(identity, cancellationToken);
            }
#pragma warning disable CA1031 // A failed decision must not stop the others. The next report repeats it.
            catch (Exception failed)
                when (failed is not LeadershipLostException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, identity, failed);
            }
            finally
            {
                _queue.Done(identity);
            }
        }
    }

    /// <summary>Decides on the wanted restarts of a watch as of the last report.</summary>
    internal async Task DecideAsync(WatchIdentity identity, CancellationToken cancellationToken)
    {
        if (!_wanted.TryRemove(identity, out var wanted))
        {
            return;
        }

        var (resource, tracker) = wanted;
        var last = _decisions.GetValueOrDefault(identity);
        var before =
            last is not null
            && ReferenceEquals(last.Tracker, tracker)
            && time.GetElapsedTime(last.Timestamp) < BlocksLast
                ? last
                : null;
        var suppressed = new List<SuppressedTarget>();
        foreach (var state in tracker.Wanted)
        {
            using var span = RestartSpan.Start(identity, state, time);
            var blocks = LastingBlocks.Of(
                await restarter.TryAsync(tracker.Watch, resource, state, cancellationToken),
                before?.Suppressed.FirstOrDefault(past => past.State.Target == state.Target)?.Blocks
            );
            if (blocks is [var first, ..])
            {
                suppressed.Add(new SuppressedTarget(state, blocks));
                var isDue = suppressions.IsDue(identity, state.Target, first.Reason);
                span.Blocked(first.Reason, isDue);
                if (isDue)
                {
                    events.Suppressed(resource, state, first.Reason, first.Message);
                }
            }
        }

        _decisions[identity] = new Decision(tracker, suppressed, time.GetTimestamp());
        if (!Reasons(suppressed).SequenceEqual(Reasons(last?.Suppressed ?? [])))
        {
            decided(identity);
        }
    }

    private static IEnumerable<(Target, string)> Reasons(IReadOnlyList<SuppressedTarget> suppressed) =>
        suppressed.Select(target =>
            (target.State.Target, string.Join(' ', target.Blocks.Select(block => block.Reason)))
        );

    [LoggerMessage(EventId = 34, Level = LogLevel.Warning, Message = "{Watch}: a restart could not be decided")]
    private static partial void LogFailed(ILogger logger, WatchIdentity watch, Exception failed);

    private sealed record Decision(TargetTracker Tracker, IReadOnlyList<SuppressedTarget> Suppressed, long Timestamp);
}
