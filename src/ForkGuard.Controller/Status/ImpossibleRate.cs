using System.Collections.Concurrent;
using ForkGuard.Controller.Watches;

namespace ForkGuard.Controller.Status;

/// <summary>Limits ForkImpossible to ten events a minute of each watch, such as when a limit of the node refuses the forks of all its pods.</summary>
internal sealed class ImpossibleRate(TimeProvider time)
{
    private const int MaxPerMinute = 10;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<WatchIdentity, Queue<long>> _emitted = new();

    /// <summary>Returns whether another event of the watch may be emitted; it then counts as emitted now.</summary>
    internal bool Allows(WatchIdentity watch)
    {
        var emitted = _emitted.GetOrAdd(watch, static _ => new Queue<long>());
        lock (emitted)
        {
            while (emitted.TryPeek(out var first) && time.GetElapsedTime(first) >= Minute)
            {
                emitted.Dequeue();
            }

            if (emitted.Count >= MaxPerMinute)
            {
                return false;
            }

            emitted.Enqueue(time.GetTimestamp());
            return true;
        }
    }

    internal void Forget(WatchIdentity watch) => _emitted.TryRemove(watch, out _);
}
