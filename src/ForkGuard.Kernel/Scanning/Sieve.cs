using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Scans all processes for those at or above a level, at the least cost to them: statm for everyone, maps and smaps only
/// for those it could matter for. A healthy process costs at most one read and no allocation. One sieve judges by one
/// rule; not for several threads at once.
/// </summary>
public sealed class Sieve : IDisposable
{
    private readonly PidList _pids;
    private readonly ProcessInspector _inspector;
    private readonly ProcessSlots _slots;
    private readonly ForkChildren _forkChildren;
    private readonly List<ProcessReading> _found = [];

    /// <param name="proc">Where to scan.</param>
    /// <param name="mostHeld">Descriptors that may be held open between scans; the rest of the processes is opened each time.</param>
    /// <exception cref="IOException">The root cannot be opened.</exception>
    public Sieve(ProcRoot proc, int mostHeld)
    {
        _slots = new ProcessSlots(proc, mostHeld);
        _pids = new PidList(proc);
        _inspector = new ProcessInspector(proc);
        _forkChildren = new ForkChildren(proc);
    }

    /// <summary>
    /// The state that is given to a scan was read right before it. Then Committed_AS, which holds every charge of every
    /// process, can excuse all of them at once: they are listed, and no file of theirs is read.
    /// </summary>
    public bool TrustsCommitted { get; init; }

    /// <summary>Lists the processes, kernel threads too, and reads the size of each, and no more.</summary>
    public ScanStatistics List()
    {
        _slots.Renew(_pids.Read());
        _slots.ReadSizes();
        var unreadable = 0;
        foreach (ref var slot in _slots.Current)
        {
            unreadable += slot.Status is ReadStatus.Ok or ReadStatus.Gone ? 0 : 1;
        }

        return new ScanStatistics { Processes = _slots.Count, Unreadable = unreadable };
    }

    /// <summary>Scans once, and adds the processes at or above <paramref name="levelPercent"/> (1 to 100) of their limit.</summary>
    public ScanStatistics Scan(
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now,
        ICollection<ProcessReading> loud
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levelPercent, 1);
        var inspection = new Inspection(state, mode, levelPercent, now);
        _slots.Renew(_pids.Read());
        _forkChildren.Forget();
        if (mode == OvercommitMode.Always || (TrustsCommitted && inspection.ExcusesAll()))
        {
            return new ScanStatistics { Processes = _slots.Count };
        }

        _slots.ReadSizes();
        var mapsReads = 0;
        var smapsReads = 0;
        var unreadable = 0;
        _found.Clear();
        foreach (ref var slot in _slots.Current)
        {
            if (slot.Status is not (ReadStatus.Ok or ReadStatus.Gone))
            {
                unreadable++;
                _found.Add(_inspector.Unreadable(slot.Pid, inspection, slot.Status));
                continue;
            }

            var isLoud = _inspector.TryInspect(
                slot.Pid,
                slot.Pages,
                inspection,
                ref slot.Kept,
                out var reading,
                out var cost
            );
            mapsReads += cost.MapsReads;
            smapsReads += cost.SmapsReads;
            if (isLoud)
            {
                unreadable += reading.Status == ReadStatus.Ok ? 0 : 1;
                _found.Add(reading);
            }
        }

        if (mode == OvercommitMode.Strict && _found.Count > 0)
        {
            _forkChildren.Mark(_found, state.Committed);
        }

        foreach (var reading in _found)
        {
            loud.Add(reading);
        }

        return new ScanStatistics
        {
            Processes = _slots.Count,
            StatmReads = _slots.Count,
            MapsReads = mapsReads,
            SmapsReads = smapsReads,
            Unreadable = unreadable,
        };
    }

    /// <summary>
    /// Looks anew at a process of the last scan, past every kept answer. Below the level the reading is a bound; its
    /// status is Gone if the process has ended.
    /// </summary>
    public ProcessReading Remeasure(
        int pid,
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now
    )
    {
        var reading = _inspector.Inspect(pid, state, mode, levelPercent, now);
        foreach (ref var slot in _slots.Current)
        {
            if (slot.Pid == pid)
            {
                slot.Kept = null;
            }
        }

        return _forkChildren.Mark(reading);
    }

    /// <summary>
    /// The worst processes of the last scan by what they hold against the limit, worst first: exact from
    /// <paramref name="exactFromPercent"/> (1 to 100) of the limit on, bounds from maps below. Costs a read of maps for
    /// each process that could be among them by its total_vm. In mode 1, where nothing is held against anything, by the
    /// largest mapping. With <paramref name="mostMapsReads"/> only so many of the largest by total_vm are looked at.
    /// </summary>
    public IReadOnlyList<ProcessReading> Worst(
        in KernelState state,
        OvercommitMode mode,
        int count,
        int exactFromPercent,
        DateTimeOffset now,
        int mostMapsReads = int.MaxValue
    )
    {
        if (!_slots.AreSizesRead)
        {
            _slots.ReadSizes();
        }

        var isLimited = mode != OvercommitMode.Always;
        var rule = isLimited ? mode : OvercommitMode.Heuristic;
        var inspection = Inspection.OfOne(state, rule, exactFromPercent, now, mustBeFresh: false);
        var contenders = new List<(ulong Pages, int Slot)>();
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots.Current[i].Pages > 0)
            {
                contenders.Add((_slots.Current[i].Pages, i));
            }
        }

        contenders.Sort(static (a, b) => b.Pages.CompareTo(a.Pages));
        contenders = [.. contenders.Take(mostMapsReads)];
        var worst = new PriorityQueue<ProcessReading, ulong>();
        foreach (var (pages, index) in contenders)
        {
            if (worst.Count == count && worst.TryPeek(out _, out var least) && least >= pages * state.PageSize)
            {
                break;
            }

            ref var slot = ref _slots.Current[index];
            if (_inspector.TryInspect(slot.Pid, pages, inspection, ref slot.Kept, out var reading, out _))
            {
                worst.Enqueue(reading, reading.Weight);
                if (worst.Count > count)
                {
                    worst.Dequeue();
                }
            }
        }

        var result = new ProcessReading[worst.Count];
        for (var i = result.Length - 1; i >= 0; i--)
        {
            var reading = worst.Dequeue();
            result[i] = isLimited
                ? reading
                : reading with
                {
                    Assessment = reading.Assessment with
                    {
                        Verdict = ForkVerdict.NotApplicable,
                        Constraint = ForkConstraint.None,
                        Limit = 0,
                    },
                };
        }

        return result;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _pids.Dispose();
    }
}
