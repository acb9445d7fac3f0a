using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Snapshots;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// The cost that a save by forking could have for processes without a known save. It reads the largest process of each container,
/// and every one outside of pods. Not for several threads at once.
/// </summary>
/// <remarks>A reading takes a memory.stat, so it stands for a minute, and a scan makes at most 32, the largest first.</remarks>
internal sealed class PossibleSaves(ScanContext context)
{
    internal const int MaxReads = 32;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(int Pid, ulong StartTime), (DateTimeOffset Time, SnapshotReading Reading)> _kept = [];
    private readonly HashSet<PodCgroup> _seen = [];

    /// <summary>Adds a reading for each process that has one of the last minute, or gets one now.</summary>
    /// <param name="processes">Those that are large enough for a copy of their memory to matter.</param>
    /// <param name="saving">Pids of programs that were seen to save; their containers are left out.</param>
    /// <param name="found">Takes the readings.</param>
    internal void Read(
        IEnumerable<ProcessFacts> processes,
        IReadOnlySet<int> saving,
        ICollection<SnapshotReading> found
    )
    {
        _seen.Clear();
        var reads = 0;
        List<ProcessFacts> largestFirst = [.. processes.OrderByDescending(AnonymousPages)];
        foreach (var facts in largestFirst.Where(facts => saving.Contains(facts.Pid)))
        {
            _ = IsFirstOfContainer(facts);
        }

        var keep = new HashSet<(int Pid, ulong StartTime)>();
        foreach (var facts in largestFirst)
        {
            if (saving.Contains(facts.Pid) || !IsFirstOfContainer(facts))
            {
                continue;
            }

            var key = (facts.Pid, facts.StartTime);
            var isFresh = _kept.TryGetValue(key, out var kept) && context.Now - kept.Time < MaxAge;
            if (!isFresh && reads < MaxReads)
            {
                reads++;
                var reading = SnapshotScanner.Read(context, facts.Pid, facts.StartTime);
                isFresh = reading is not null;
                kept = (context.Now, reading.GetValueOrDefault());
            }

            if (isFresh)
            {
                keep.Add(key);
                _kept[key] = kept;
                found.Add(kept.Reading);
            }
        }

        foreach (var key in _kept.Keys.Where(key => !keep.Contains(key)).ToList())
        {
            _kept.Remove(key);
        }
    }

    private bool IsFirstOfContainer(ProcessFacts facts) => facts.Memory.Cgroup?.Pod is not { } pod || _seen.Add(pod);

    // RssAnon takes a status of each; resident memory and private data bound it.
    private static ulong AnonymousPages(ProcessFacts facts) => Math.Min(facts.Size.Resident, facts.Size.Data);
}
