using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>A process with constraints beside the accounting of memory.</summary>
/// <param name="Facts">Facts that the constraints were read with.</param>
/// <param name="Pages">Size of its address space.</param>
/// <param name="Readings">Constraints at or above the report level, and those that could not be read.</param>
internal sealed record FoundConstraints(ProcessFacts Facts, ulong Pages, IReadOnlyList<ConstraintReading> Readings)
{
    /// <summary>Only for a program that saves by forking.</summary>
    internal SnapshotReading? Snapshot { get; init; }

    /// <summary>Some constraint was read and is at or above the level, or is that of a save with little time left.</summary>
    internal bool Matters(ReportSettings settings) =>
        Readings.Any(reading =>
            reading.Problem is null
            && (
                reading.Refuses
                || reading.Percent >= settings.LevelPercent
                || (reading.SecondsToLimit is not null && settings.IsAtLevel(reading.ToReport()))
            )
        );
}

/// <summary>Reads the constraints beside the accounting of memory of all processes of a scan. Not for several threads at once.</summary>
internal sealed class ConstraintPass : IDisposable
{
    private const int MaxListedReads = 64;

    private readonly CgroupRoot _cgroups;
    private readonly ProcessFactsReader _reader;
    private readonly Dictionary<int, FoundConstraints> _found = [];
    private readonly List<ConstraintReading> _readings = [];
    private readonly HashSet<int> _listed = [];
    private readonly List<ListedProcess> _processes = [];
    private readonly List<(ProcessFacts Facts, ulong Pages)> _facts = [];
    private readonly List<SnapshotReading> _saves = [];
    private readonly SnapshotScanner _snapshots;
    private readonly PossibleSaves _possible;
    private readonly CgroupTurns _turns = new();
    private int _warningPercent;
    private TimeSpan? _uptime;

    /// <param name="proc">Where to scan.</param>
    /// <param name="cgroups">The cgroup file systems; disposed with this.</param>
    /// <param name="evictionThreshold">Available bytes below which a kubelet evicts pods; 0 without one.</param>
    /// <param name="budget">Time for smaps.</param>
    internal ConstraintPass(ProcRoot proc, CgroupRoot cgroups, ulong evictionThreshold, ReadBudget budget)
    {
        _cgroups = cgroups;
        Context = new ScanContext(proc, cgroups, evictionThreshold, budget);
        _reader = new ProcessFactsReader(Context);
        _snapshots = new SnapshotScanner(Context);
        _possible = new PossibleSaves(Context);
    }

    internal ScanContext Context { get; }

    /// <summary>By pid, of the last scan: processes with such constraints, and those that the accounting listed.</summary>
    internal IReadOnlyDictionary<int, FoundConstraints> Found => _found;

    /// <summary>Reads the constraints of each process of the scanner's last scan.</summary>
    /// <param name="scanner">Has just scanned.</param>
    /// <param name="listed">Processes that are reported for their accounting; their facts are kept too.</param>
    /// <param name="moment">Levels and time of the scan.</param>
    internal void Scan(ProcessScanner scanner, IReadOnlyList<ProcessReading> listed, in ScanMoment moment)
    {
        _found.Clear();
        _listed.Clear();
        _processes.Clear();
        _facts.Clear();
        foreach (var reading in listed)
        {
            _listed.Add(reading.Pid);
        }

        _warningPercent = moment.Settings.WarningPercent;
        _uptime = moment.Uptime.SinceBoot;
        Context.BeginScan(moment.Now, moment.Settings.LevelPercent);
        _turns.Begin(Context.Now);
        var visitor = new Visitor(this);
        scanner.Visit(ref visitor);
        if (moment.Uptime.SinceBoot is { } uptime)
        {
            ScanSaves(uptime, moment.Settings.SnapshotsOfAll);
        }
    }

    /// <summary>Constraints of the node, whatever their level.</summary>
    internal List<ConstraintReport> ScanNode()
    {
        _readings.Clear();
        ForkChecks.ScanNode(Context, _readings);
        return [.. _readings.Select(reading => reading.ToReport())];
    }

    public void Dispose() => _cgroups.Dispose();

    private void Visit(int pid, in ProcessSize size, ref object? kept)
    {
        var pages = size.Total;
        if (pages == 0 || Refresh(pid, size, ref kept) is not { } facts)
        {
            return;
        }

        _readings.Clear();
        ForkChecks.Scan(Context, facts, _readings);
        if (facts.IsOutdated || (facts.ReadTime != Context.Now && (facts.IsDue(Context.Now) || NeedsFreshFacts())))
        {
            _readings.Clear();
            if (_reader.Read(facts) != ReadStatus.Ok)
            {
                kept = null;
                return;
            }

            ForkChecks.ScanFresh(Context, _reader, facts, _readings);
        }

        if (_uptime is { } uptime && _reader.RenewStack(facts, uptime) != ReadStatus.Ok)
        {
            kept = null;
            return;
        }

        if (pages * (ulong)ProcRoot.PageSize >= ProcessFacts.MinSavingBytes)
        {
            _processes.Add(new ListedProcess(pid, facts.StartTime, facts.Parent, facts.StartStack));
            _facts.Add((facts, pages));
        }

        if (_readings.Count > 0 || _listed.Contains(pid))
        {
            _found.Add(pid, new FoundConstraints(facts, pages, [.. _readings]));
        }
    }

    private void ScanSaves(TimeSpan uptime, bool ofAll)
    {
        _saves.Clear();
        _snapshots.Scan(_processes, uptime, _saves);
        if (ofAll)
        {
            _possible.Read(_facts.Select(known => known.Facts), _saves.Select(save => save.Pid).ToHashSet(), _saves);
        }

        foreach (var save in _saves)
        {
            var (facts, pages) = _facts[_processes.FindIndex(process => process.Pid == save.Pid)];
            var found = _found.GetValueOrDefault(save.Pid) ?? new FoundConstraints(facts, pages, []);
            _found[save.Pid] = found with { Readings = [.. found.Readings, save.ToConstraint()], Snapshot = save };
        }
    }

    private ProcessFacts? Refresh(int pid, in ProcessSize size, ref object? kept)
    {
        var facts = kept as ProcessFacts ?? new ProcessFacts { Pid = pid };
        facts.Size = size;
        var isDue = facts.IsDue(Context.Now);
        if (!isDue && !IsListed(pid) && !_turns.Take(facts))
        {
            return facts;
        }

        var isRead = (isDue ? _reader.Renew(facts) : _reader.RenewCgroups(facts)) == ReadStatus.Ok;
        kept = isRead ? facts : null;
        return isRead ? facts : null;
    }

    // A process that is listed for its mappings is reported with its pod, whatever its other constraints are.
    private bool IsListed(int pid) => _listed.Count <= MaxListedReads && _listed.Contains(pid);

    // The limit of a process, its namespaces and its cgroups are remembered; usage and cgroup limits are read in every scan. A
    // loop, since a delegate would be an allocation for each process.
    private bool NeedsFreshFacts()
    {
        foreach (var reading in _readings)
        {
            if (reading.Refuses || reading.Percent >= _warningPercent)
            {
                return true;
            }
        }

        return false;
    }

    private readonly struct Visitor(ConstraintPass pass) : IProcessVisitor
    {
        public void Visit(int pid, in ProcessSize size, ref object? facts) => pass.Visit(pid, size, ref facts);
    }
}
