using System.Collections.Concurrent;
using ForkGuard.Controller.Watches;

namespace ForkGuard.Controller.Judging;

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

        var board = new TargetBoard(watch);
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

    internal void Remove(WatchIdentity identity) => _boards.TryRemove(identity, out _);

    /// <summary>The lowest of what the watches ask for; null without a watch.</summary>
    internal int? Lowest(Func<Watch, int> level)
    {
        var watches = All;
        return watches.Count == 0 ? null : watches.Min(board => level(board.Watch));
    }

    /// <summary>The longest cooldown of all watches: each reads the ledgers of all.</summary>
    internal TimeSpan LongestCooldown =>
        All.Select(board => board.Watch.Policy.Cooldown).DefaultIfEmpty(TimeSpan.Zero).Max();

    private sealed record Entry(string Uid, long Generation, TargetBoard Board)
    {
        internal bool IsOf(string uid, long generation) =>
            generation == Generation && string.Equals(uid, Uid, StringComparison.Ordinal);
    }
}
