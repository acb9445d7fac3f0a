using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Watches;

namespace ForkGuard.Controller.Judging;

/// <summary>What all good watches together need of the reports.</summary>
/// <param name="LowestWarning">The lowest warning level; null without a watch.</param>
/// <param name="LowestClear">The lowest level below which a watch takes a process for recovered; null without a watch.</param>
/// <param name="LongestForecastSeconds">The longest forecast; null without one.</param>
/// <param name="WhatIf">The what-ifs among them.</param>
/// <param name="SnapshotsOfAll">A watch names CopyOnWrite: it counts for processes that were not seen to save, too.</param>
internal readonly record struct ReportDemand(
    int? LowestWarning,
    int? LowestClear,
    int? LongestForecastSeconds,
    WhatIfRules WhatIf,
    bool SnapshotsOfAll
);

/// <summary>The board of every good watch.</summary>
internal sealed class Boards(TimeProvider time)
{
    private readonly ConcurrentDictionary<WatchIdentity, Entry> _boards = new();

    internal IReadOnlyCollection<TargetBoard> All => [.. _boards.Values.Select(entry => entry.Board)];

    /// <summary>The board of a watch as it is now; made from the watch's status the first time, and kept when its spec changes.</summary>
    internal TargetBoard Put(WatchResource resource, Watch watch)
    {
        var uid = resource.Metadata.Uid ?? "";
        var generation = resource.Metadata.Generation ?? 0;
        var known = _boards.GetValueOrDefault(watch.Identity);
        if (known is not null && known.IsOf(uid, generation))
        {
            return known.Board;
        }

        var board = new TargetBoard(watch, uid);
        if (known is null)
        {
            foreach (var state in TargetMemory.Restore(resource.Status, time.GetUtcNow()))
            {
                board.Remember(state);
            }
        }
        else if (string.Equals(known.Uid, uid, StringComparison.Ordinal))
        {
            board.Inherit(known.Board);
        }

        _boards[watch.Identity] = new Entry(uid, generation, board);
        return board;
    }

    /// <summary>The board of a watch at its generation; null once the watch was changed or deleted.</summary>
    internal TargetBoard? Of(WatchResource resource) =>
        _boards.TryGetValue(resource.Identity, out var entry)
        && entry.IsOf(resource.Metadata.Uid ?? "", resource.Metadata.Generation ?? 0)
            ? entry.Board
            : null;

    internal void Remove(WatchIdentity identity) => _boards.TryRemove(identity, out _);

    /// <summary>What the watches need of the reports.</summary>
    internal ReportDemand Demand
    {
        get
        {
            var rules = All.Select(board => board.Watch.Rule).ToList();
            return new ReportDemand(
                rules.Count == 0 ? null : rules.Min(rule => rule.WarnAtPercent),
                rules.Count == 0 ? null : rules.Min(rule => rule.ClearBelowPercent),
                rules.Max(rule => (int?)rule.Forecast?.TotalSeconds),
                new WhatIfRules(
                    rules.Exists(rule => rule.EvaluateAs == EvaluationMode.Heuristic),
                    rules.Exists(rule => rule.EvaluateAs == EvaluationMode.Strict)
                ),
                rules.Exists(rule => rule.NamesCopyOnWrite)
            );
        }
    }

    private sealed record Entry(string Uid, long Generation, TargetBoard Board)
    {
        internal bool IsOf(string uid, long generation) =>
            generation == Generation && string.Equals(uid, Uid, StringComparison.Ordinal);
    }
}
