using System.Runtime.CompilerServices;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Bytes that reclaim and swap add to the room of a cgroup, for a minute: memory.stat is too expensive for every scan,
/// and these only keep processes below a level.
/// </summary>
internal sealed class KeptReclaim
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ConditionalWeakTable<Cgroup, Entry> _entries = [];

    internal static bool IsFresh(DateTimeOffset time, DateTimeOffset now) => now - time < MaxAge;

    internal void Keep(Cgroup? cgroup, in MemoryRoom room, DateTimeOffset now)
    {
        if (cgroup is not null)
        {
            var entry = _entries.GetOrCreateValue(cgroup);
            entry.Bytes = room.Bytes.High - room.Bytes.Low;
            entry.Time = now;
        }
    }

    /// <summary>0 if nothing was kept within the last minute.</summary>
    internal ulong Bytes(Cgroup? cgroup, DateTimeOffset now) =>
        cgroup is not null && _entries.TryGetValue(cgroup, out var entry) && IsFresh(entry.Time, now) ? entry.Bytes : 0;

    private sealed class Entry
    {
        internal ulong Bytes { get; set; }

        internal DateTimeOffset Time { get; set; }
    }
}
