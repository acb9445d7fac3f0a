using ForkGuard.Kernel.KernelLog;

namespace ForkGuard.Node.Refusals;

/// <summary>Refusals of one command, or of one cgroup, that are due for an event.</summary>
/// <param name="Kind">Origin in the kernel's log.</param>
/// <param name="Name">Command, or path of the cgroup; empty for refusals that the kernel did not log one by one.</param>
/// <param name="Count">Refusals since the last event of the name.</param>
/// <param name="Since">Time of the first of them, by the clock of this machine.</param>
/// <param name="LastPid">The thread that was refused last; 0 unless the kind is Memory.</param>
/// <param name="LastBytes">The size that was refused last; 0 where the kernel does not log it.</param>
internal sealed record RefusalCount(
    KernelRefusalKind Kind,
    string Name,
    int Count,
    DateTimeOffset Since,
    int LastPid,
    ulong LastBytes
);

/// <summary>
/// Counts refusals of the kernel's log by command or cgroup, and lets each name pass at most once in ten minutes. Not for
/// several threads at once.
/// </summary>
internal sealed class RefusalTally
{
    private const int MaxNames = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(KernelRefusalKind Kind, string Name), Entry> _entries = [];

    /// <summary>Adds refusals that were read now.</summary>
    /// <param name="refusals">Oldest first.</param>
    /// <param name="now">The time of the read, which stands for that of the refusals.</param>
    internal void Add(IEnumerable<KernelRefusal> refusals, DateTimeOffset now)
    {
        foreach (var refusal in refusals)
        {
            var key = (refusal.Kind, refusal.Kind == KernelRefusalKind.Pids ? refusal.Cgroup : refusal.Command);
            var known = _entries.GetValueOrDefault(key);
            if (known is null && _entries.Count >= MaxNames)
            {
                Forget(now);
            }

            if (known is null && _entries.Count >= MaxNames)
            {
                continue;
            }

            known ??= new Entry();
            _entries[key] = known with
            {
                Count = known.Count + refusal.Count,
                Since = known.Count == 0 ? now : known.Since,
                LastPid = refusal.Pid,
                LastBytes = refusal.Bytes,
            };
        }
    }

    /// <summary>Takes the counts that are due, in the order of their names; what is not due goes on counting.</summary>
    internal IReadOnlyList<RefusalCount> TakeDue(DateTimeOffset now)
    {
        var due = new List<RefusalCount>();
        foreach (var (key, entry) in _entries)
        {
            if (entry.Count > 0 && (entry.Emitted is null || now - entry.Emitted >= Interval || now < entry.Emitted))
            {
                due.Add(new RefusalCount(key.Kind, key.Name, entry.Count, entry.Since, entry.LastPid, entry.LastBytes));
            }
        }

        foreach (var count in due)
        {
            _entries[(count.Kind, count.Name)] = new Entry { Emitted = now };
        }

        due.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return due;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.Count == 0 && now - entry.Emitted >= Interval)
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed record Entry
    {
        public int Count { get; init; }
        public DateTimeOffset Since { get; init; }
        public DateTimeOffset? Emitted { get; init; }
        public int LastPid { get; init; }
        public ulong LastBytes { get; init; }
    }
}
