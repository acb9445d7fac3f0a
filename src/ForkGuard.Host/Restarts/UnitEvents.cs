using ForkGuard.Api;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>Events of restarts, for any thread: of each start and each end, and of each change of the reason that holds one back.</summary>
/// <param name="time">The clocks.</param>
internal sealed class UnitEvents(TimeProvider time)
{
    private const int MissedScans = 3;

    /// <summary>After as long without a block the same reason is an event again.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10);

    /// <summary>Bounds the events about causes that differ at each scan.</summary>
    private const int MaxMessages = 5;

    private readonly Lock _lock = new();
    private readonly List<UnitEvent> _events = [];
    private readonly Dictionary<(string Watch, string Unit), Emitted> _blocked = [];

    /// <summary>Takes the events since the last time.</summary>
    internal IReadOnlyList<UnitEvent> Take()
    {
        lock (_lock)
        {
            IReadOnlyList<UnitEvent> taken = _events.Count == 0 ? [] : [.. _events];
            _events.Clear();
            return taken;
        }
    }

    /// <summary>A record was written.</summary>
    internal void Written(string unit, ForkRestartStatus? before, ForkRestartStatus after)
    {
        if (after is { Restart: { } started } && after.State == RestartState.Replacing && before?.State != after.State)
        {
            Unblocked(unit, started.Watch);
            Add(UnitEvent.Restart, unit, started.Watch, $"restarted by systemd; {started.Reason}");
        }
        else if (
            before?.Restart is { } ended
            && after.Restart is null
            && after.History is [var past, ..]
            && past.DecidedTime == ended.DecidedTime
        )
        {
            var type = past.Result.Known switch
            {
                RestartResult.Helped => UnitEvent.Helped,
                RestartResult.DidNotHelp or RestartResult.NotReplaced => UnitEvent.Ineffective,
                _ => UnitEvent.Ended,
            };
            Add(type, unit, ended.Watch, $"{past.Result.Text}, {past.Message}");
        }
    }

    /// <summary>
    /// Emits the first reason against a restart if it is another one than the last time. Each different cause of
    /// <see cref="BlockReason.Unavailable"/> is emitted once.
    /// </summary>
    internal void Blocked(string unit, WatchReference watch, IReadOnlyList<RestartBlock> blocks)
    {
        if (LastingBlocks.Of(blocks, before: null) is not [var first, ..])
        {
            Unblocked(unit, watch);
            return;
        }

        var key = (watch.Uid, unit);
        var emitted = _blocked.GetValueOrDefault(key);
        emitted?.LastTimestamp = time.GetTimestamp();
        var isSame = emitted?.Reason == first.Reason && first.Reason != BlockReason.Unavailable;
        if (isSame || (emitted is not null && first.Reason == BlockReason.NotRemeasured))
        {
            return;
        }

        if (emitted?.Reason != first.Reason)
        {
            _blocked[key] = emitted = new Emitted(first.Reason, time.GetTimestamp());
        }

        if (emitted.Messages.Count < MaxMessages && emitted.Messages.Add(first.Message))
        {
            Add(UnitEvent.Suppressed, unit, watch, $"{first.Reason}: {first.Message}");
        }
    }

    /// <summary>Ends the reasons against restarts that nothing has asked for since. Call it before the steps of a scan.</summary>
    internal void Forget(TimeSpan scanInterval)
    {
        var missed = scanInterval * MissedScans;
        var after = missed > ForgottenAfter ? missed : ForgottenAfter;
        foreach (var (key, _) in _blocked.Where(block => time.GetElapsedTime(block.Value.LastTimestamp) > after))
        {
            _blocked.Remove(key);
        }
    }

    /// <summary>Nothing holds back a restart: the same reason is an event again once it comes back.</summary>
    internal void Unblocked(string unit, WatchReference watch) => _blocked.Remove((watch.Uid, unit));

    private void Add(string type, string unit, WatchReference watch, string message)
    {
        lock (_lock)
        {
            _events.Add(new UnitEvent(type, unit, $"{watch.Kind}/{watch.Name}", message));
        }
    }

    private sealed class Emitted(BlockReason reason, long timestamp)
    {
        internal BlockReason Reason { get; } = reason;
        internal HashSet<string> Messages { get; } = new(StringComparer.Ordinal);
        internal long LastTimestamp { get; set; } = timestamp;
    }
}
