using ForkGuard.Api;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>Events of restarts, for any thread: of each start and each end, and of each change of the reason that holds one back.</summary>
internal sealed class UnitEvents
{
    private readonly Lock _lock = new();
    private readonly List<UnitEvent> _events = [];
    private readonly Dictionary<(string Watch, string Unit), BlockReason> _blocked = [];

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

    /// <summary>Emits the first reason against a restart if it is another one than the last time.</summary>
    internal void Blocked(string unit, WatchReference watch, IReadOnlyList<RestartBlock> blocks)
    {
        var key = (watch.Uid, unit);
        if (blocks is not [var first, ..])
        {
            _blocked.Remove(key);
        }
        else if (!_blocked.TryGetValue(key, out var known) || known != first.Reason)
        {
            _blocked[key] = first.Reason;
            Add(UnitEvent.Suppressed, unit, watch, $"{first.Reason}: {first.Message}");
        }
    }

    private void Add(string type, string unit, WatchReference watch, string message)
    {
        lock (_lock)
        {
            _events.Add(new UnitEvent(type, unit, $"{watch.Kind}/{watch.Name}", message));
        }
    }
}
