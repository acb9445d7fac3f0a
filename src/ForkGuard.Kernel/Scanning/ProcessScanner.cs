using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Scans all processes for those at or above a level, at the least cost to them: statm for every process, maps where the
/// size could matter, smaps where a private mapping could reach the warning level. A healthy process costs one read and no
/// allocation. One scanner evaluates by one rule; not for several threads at once.
/// </summary>
public sealed class ProcessScanner : IDisposable
{
    private readonly PidList _pids;
    private readonly ProcessInspector _inspector;
    private readonly ProcessSlots _slots;
    private readonly SmapsQueue _queue;
    private readonly ForkChildren _forkChildren;
    private readonly ReadBudget _budget;
    private readonly TimeProvider _time;
    private readonly List<ProcessReading> _found = [];
    private ScanLevels _levels;
    private int _first;

    /// <param name="proc">Where to scan.</param>
    /// <param name="maxHeld">Descriptors that may be held open between scans; the other processes are opened each time.</param>
    /// <param name="budget">Time for maps and smaps; null for the default, which is shared with nothing.</param>
    /// <param name="time">Measures the reads; null for the system's.</param>
    /// <exception cref="IOException">The root cannot be opened.</exception>
    public ProcessScanner(ProcRoot proc, int maxHeld, ReadBudget? budget = null, TimeProvider? time = null)
        : this(proc, maxHeld, budget, time, sharesMemory: null) { }

    internal ProcessScanner(
        ProcRoot proc,
        int maxHeld,
        ReadBudget? budget,
        TimeProvider? time,
        Func<int, int, bool?>? sharesMemory
    )
    {
        _slots = new ProcessSlots(proc, maxHeld);
        _pids = new PidList(proc);
        _inspector = new ProcessInspector(proc);
        _forkChildren = new ForkChildren(proc, sharesMemory);
        _budget = budget ?? new ReadBudget(new ScanBudget());
        _time = time ?? TimeProvider.System;
        _queue = new SmapsQueue(_inspector, _slots, _budget, _time);
    }

    /// <summary>
    /// The state that is given to a scan was read right before it. Then Committed_AS, which holds every charge of every
    /// process, can rule out all of them at once, and every mapping of more than twice as much.
    /// </summary>
    public bool TrustsCommitted { get; init; }

    /// <summary>Lists the processes, kernel threads too, and reads the size of each, and no more.</summary>
    /// <exception cref="IOException">The processes cannot be listed.</exception>
    public ScanStatistics List()
    {
        _slots.Renew(_pids.Read());
        _found.Clear();
        _forkChildren.Forget();
        var unreadable = _slots.ReadSizes();
        return new ScanStatistics
        {
            Processes = _slots.Count,
            StatmReads = _slots.Count,
            Unreadable = unreadable,
        };
    }

    /// <summary>As the other, with one level: smaps is read of whatever could be in the result.</summary>
    public ScanStatistics Scan(
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now,
        ICollection<ProcessReading> found
    ) => Scan(state, mode, ScanLevels.At(levelPercent), now, found);

    /// <summary>
    /// Scans once, and adds the processes at or above the report level (1 to 100) of their limit in ascending order of their
    /// pids. Below the warning level the reading is an upper bound from maps. At or above it smaps was read, in this scan or,
    /// while the mappings only grew, in one of the last ten minutes; what the budget left out is an upper bound too.
    /// </summary>
    /// <exception cref="IOException">The processes cannot be listed.</exception>
    /// <exception cref="OperationCanceledException">The token asks for it. Nothing was added; the next scan is complete.</exception>
    public ScanStatistics Scan(
        in KernelState state,
        OvercommitMode mode,
        ScanLevels levels,
        DateTimeOffset now,
        ICollection<ProcessReading> found,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels.ReportPercent, 1, nameof(levels));
        ArgumentNullException.ThrowIfNull(found);
        var listed = List() with { Unreadable = 0 };
        _levels = levels;
        var inspection = new Inspection(state, mode, levels, now);
        if (mode == OvercommitMode.Always || (TrustsCommitted && inspection.SkipsAll()))
        {
            return listed;
        }

        if (TrustsCommitted)
        {
            inspection = inspection.WithCommitted();
        }

        _budget.BeginScan(now);
        _queue.Begin();
        InspectionCost cost = default;
        try
        {
            LookAtAll(inspection, ref cost, cancellationToken);
            var leftOut = _queue.Run(inspection, _found, ref cost, cancellationToken);
            return Finish(listed, mode, state, leftOut, cost, found);
        }
        catch (OperationCanceledException)
        {
            _found.Clear();
            throw;
        }
    }

    /// <summary>
    /// Looks again at a process of the last scan, past every kept answer. Below the level the reading is a bound; its
    /// status is Gone if the process has ended. Null if the budget has no time left for it in this scan.
    /// </summary>
    public ProcessReading? Remeasure(
        int pid,
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    )
    {
        if (!_budget.HasSmaps(pid, out var pod))
        {
            return null;
        }

        var index = _slots.IndexOf(pid);
        var cache = index < 0 ? null : _slots.Current[index].Mappings;
        var started = _time.GetTimestamp();
        var inspection = Inspection.OfOne(state, mode, levelPercent, now);
        // In mode 0, level 0 looks up every mapping, which may be tens of thousands.
        var isKept = levelPercent > 0 || mode == OvercommitMode.Strict;
        var reading = _inspector.Inspect(pid, inspection, isKept ? cache : null, cancellationToken);
        _budget.SpendSmaps(pod, _time.GetElapsedTime(started));
        cache?.NoteRemeasured(now, reading.Assessment.Percent >= _levels.WarningPercent);
        return _forkChildren.Mark(reading);
    }

    /// <summary>
    /// The worst processes of the last scan, worst first: those that it found, and then the others by bounds from maps. In
    /// mode 1, where nothing is compared with a limit, by the largest private mapping.
    /// </summary>
    /// <param name="state">As the last scan had it.</param>
    /// <param name="mode">As the last scan had it.</param>
    /// <param name="count">The most to return.</param>
    /// <param name="now">The time of the readings.</param>
    /// <param name="maxMapsReads">Only so many of the largest that the scan did not find are looked at.</param>
    public IReadOnlyList<ProcessReading> Worst(
        in KernelState state,
        OvercommitMode mode,
        int count,
        DateTimeOffset now,
        int maxMapsReads = int.MaxValue
    )
    {
        List<ProcessReading> worst = [.. _found];
        worst.Sort(CompareWorstFirst);
        if (worst.Count < count)
        {
            worst.AddRange(LargestBeside(state, mode, count - worst.Count, now, maxMapsReads));
        }

        return worst.Count <= count ? worst : worst[..count];
    }

    /// <summary>Visits each process of the last scan. Without allocations if the visitor makes none.</summary>
    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IProcessVisitor
    {
        foreach (ref var slot in _slots.Current)
        {
            visitor.Visit(slot.Pid, slot.Size, ref slot.Facts);
        }
    }

    public void Dispose()
    {
        _slots.Dispose();
        _pids.Dispose();
    }

    private void LookAtAll(in Inspection inspection, ref InspectionCost cost, CancellationToken cancellationToken)
    {
        // Where the budget for maps ended the last time, this scan begins: every process has its turn.
        var first = _first < _slots.Count ? _first : 0;
        _first = 0;
        LookAt(first, _slots.Count, inspection, ref cost, cancellationToken);
        LookAt(0, first, inspection, ref cost, cancellationToken);
    }

    private void LookAt(
        int from,
        int to,
        in Inspection inspection,
        ref InspectionCost cost,
        CancellationToken cancellationToken
    )
    {
        for (var i = from; i < to; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var slot = ref _slots.Current[i];
            if (!inspection.IsUnreported(slot.Status, slot.Size))
            {
                LookAt(i, inspection, ref cost);
            }
        }
    }

    private void LookAt(int index, in Inspection inspection, ref InspectionCost cost)
    {
        ref var slot = ref _slots.Current[index];
        if (slot.Status is not (ReadStatus.Ok or ReadStatus.Gone))
        {
            _found.Add(_inspector.Unreadable(slot.Pid, inspection, slot.Status));
            return;
        }

        if (_inspector.TryBound(slot.Target, slot.Size, inspection, out var reading))
        {
            AddFound(reading);
            return;
        }

        var cache = slot.Mappings ??= new MappingCache();
        var allowsMaps = _budget.AllowsMaps(cache.PredictedMaps);
        if (cache.TryGetCharge(slot.Size, inspection, isStretched: !allowsMaps, out var charge))
        {
            AddFound(
                inspection.IsReported(charge.Charge)
                    ? _inspector.Complete(slot.Pid, inspection, charge, ReadStatus.Ok)
                    : null
            );
            return;
        }

        if (!allowsMaps)
        {
            _first = _first == 0 ? index : _first;
            _found.Add(_inspector.Bound(slot.Target, slot.Size, inspection));
            return;
        }

        cost.MapsReads++;
        var started = _time.GetTimestamp();
        var isDone = _inspector.TryMaps(slot.Target, slot.Size, inspection, cache, out reading);
        _budget.SpendMaps(_time.GetElapsedTime(started));
        if (isDone)
        {
            AddFound(reading);
        }
        else
        {
            _queue.Add(index, reading!.Value, cache);
        }
    }

    private ScanStatistics Finish(
        in ScanStatistics listed,
        OvercommitMode mode,
        in KernelState state,
        int leftOut,
        InspectionCost cost,
        ICollection<ProcessReading> found
    )
    {
        _found.Sort(static (a, b) => a.Pid.CompareTo(b.Pid));
        if (mode == OvercommitMode.Strict && _found.Count > 0)
        {
            _forkChildren.Mark(_found, state.Committed);
        }

        var unreadable = 0;
        foreach (var reading in _found)
        {
            unreadable += reading.Status == ReadStatus.Ok ? 0 : 1;
            found.Add(reading);
        }

        return listed with
        {
            MapsReads = cost.MapsReads,
            SmapsReads = cost.SmapsReads,
            LeftOut = leftOut,
            Unreadable = unreadable,
        };
    }

    private List<ProcessReading> LargestBeside(
        in KernelState state,
        OvercommitMode mode,
        int count,
        DateTimeOffset now,
        int maxMapsReads
    )
    {
        var isLimited = mode != OvercommitMode.Always;
        var rule = isLimited ? mode : OvercommitMode.Heuristic;
        var inspection = new Inspection(state, rule, _levels, now).OfAnySize();
        if (TrustsCommitted && isLimited)
        {
            inspection = inspection.WithCommitted();
        }

        HashSet<int> known = [.. _found.Select(r => r.Pid)];
        var contenders = new List<ProcessSlot>();
        foreach (ref var slot in _slots.Current)
        {
            if (slot.Size.Total > 0 && !known.Contains(slot.Pid))
            {
                contenders.Add(slot);
            }
        }

        contenders.Sort(static (a, b) => b.Size.Total.CompareTo(a.Size.Total));
        var largest = new List<ProcessReading>();
        foreach (var slot in contenders.Take(maxMapsReads))
        {
            if (largest.Count == count && largest[^1].Weight >= slot.Size.Total * state.PageSize)
            {
                break;
            }

            if (Show(slot, inspection) is { } next)
            {
                var at = largest.FindIndex(r => r.Weight < next.Weight);
                largest.Insert(at < 0 ? largest.Count : at, isLimited ? next : WithoutLimit(next));
                largest.RemoveRange(Math.Min(count, largest.Count), Math.Max(0, largest.Count - count));
            }
        }

        return largest;
    }

    /// <summary>A reading from what is kept, or else from maps; an upper bound if smaps was never read.</summary>
    private ProcessReading? Show(ProcessSlot slot, in Inspection inspection)
    {
        var cache = slot.Mappings ?? new MappingCache();
        if (cache.TryGetCharge(slot.Size, inspection, isStretched: true, out var charge))
        {
            return _inspector.Complete(slot.Pid, inspection, charge, ReadStatus.Ok);
        }

        _ = _inspector.TryMaps(slot.Target, slot.Size, inspection, cache, out var reading);
        return reading;
    }

    private static ProcessReading WithoutLimit(in ProcessReading reading) =>
        reading with
        {
            Assessment = reading.Assessment with { Verdict = Verdict.NotApplicable, Constraint = null, Limit = 0 },
        };

    private int CompareWorstFirst(ProcessReading a, ProcessReading b)
    {
        var byRank = Rank(a).CompareTo(Rank(b));
        var byPercent = byRank != 0 ? byRank : b.Assessment.Percent.CompareTo(a.Assessment.Percent);
        var byWeight = byPercent != 0 ? byPercent : b.Weight.CompareTo(a.Weight);
        return byWeight != 0 ? byWeight : a.Pid.CompareTo(b.Pid);
    }

    /// <summary>A bound at the warning level proves nothing: it comes after what was measured there.</summary>
    private int Rank(in ProcessReading reading) =>
        reading.Assessment.Verdict == Verdict.CannotFork ? 0
        : reading.Assessment.Percent < _levels.WarningPercent ? 3
        : reading.Assessment.IsBound ? 2
        : 1;

    private void AddFound(ProcessReading? reading)
    {
        if (reading is { } found)
        {
            _found.Add(found);
        }
    }
}
