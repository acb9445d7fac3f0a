using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>A process with constraints beside the accounting of memory.</summary>
/// <param name="Facts">Facts that the constraints were read with.</param>
/// <param name="Pages">Size of its address space.</param>
/// <param name="Readings">Constraints at or above the report level, and those that could not be read.</param>
internal sealed record FoundConstraints(ProcessFacts Facts, ulong Pages, IReadOnlyList<ConstraintReading> Readings)
{
    /// <summary>Some constraint was read and is at or above the level.</summary>
    internal bool Matters(int levelPercent) =>
        Readings.Any(reading => reading.Problem is null && (reading.Refuses || reading.Percent >= levelPercent));
}

/// <summary>Reads the constraints beside the accounting of memory of all processes of a scan. Not for several threads at once.</summary>
internal sealed class ConstraintPass : IDisposable
{
    private readonly CgroupRoot _cgroups;
    private readonly ProcessFactsReader _reader;
    private readonly Dictionary<int, FoundConstraints> _found = [];
    private readonly List<ConstraintReading> _readings = [];
    private readonly HashSet<int> _listed = [];
    private int _warningPercent;

    /// <param name="proc">Where to scan.</param>
    /// <param name="cgroups">The cgroup file systems; disposed with this.</param>
    internal ConstraintPass(ProcRoot proc, CgroupRoot cgroups)
    {
        _cgroups = cgroups;
        Context = new ScanContext(proc, cgroups);
        _reader = new ProcessFactsReader(Context);
    }

    internal ScanContext Context { get; }

    /// <summary>By pid, of the last scan: processes with such constraints, and those that the accounting listed.</summary>
    internal IReadOnlyDictionary<int, FoundConstraints> Found => _found;

    /// <summary>Reads the constraints of each process of the scanner's last scan.</summary>
    /// <param name="scanner">Has just scanned.</param>
    /// <param name="listed">Processes that are reported for their accounting; their facts are kept too.</param>
    /// <param name="settings">Levels.</param>
    /// <param name="now">Time of the scan.</param>
    internal void Scan(
        ProcessScanner scanner,
        IReadOnlyList<ProcessReading> listed,
        ReportSettings settings,
        DateTimeOffset now
    )
    {
        _found.Clear();
        _listed.Clear();
        foreach (var reading in listed)
        {
            _listed.Add(reading.Pid);
        }

        _warningPercent = settings.WarningPercent;
        Context.BeginScan(now, settings.LevelPercent);
        var visitor = new Visitor(this);
        scanner.Visit(ref visitor);
    }

    /// <summary>Constraints of the node, whatever their level.</summary>
    internal List<ConstraintReport> ScanNode()
    {
        _readings.Clear();
        ForkChecks.ScanNode(Context, _readings);
        return [.. _readings.Select(reading => reading.ToReport())];
    }

    public void Dispose() => _cgroups.Dispose();

    private void Visit(int pid, ulong pages, ref object? kept)
    {
        if (pages == 0 || Refresh(pid, ref kept) is not { } facts)
        {
            return;
        }

        _readings.Clear();
        ForkChecks.Scan(Context, facts, _readings);
        if (facts.ReadTime != Context.Now && _readings.Exists(NeedsFreshFacts))
        {
            _readings.Clear();
            if (_reader.Read(facts) != ReadStatus.Ok)
            {
                kept = null;
                return;
            }

            ForkChecks.Scan(Context, facts, _readings);
        }

        if (_readings.Count > 0 || _listed.Contains(pid))
        {
            _found.Add(pid, new FoundConstraints(facts, pages, [.. _readings]));
        }
    }

    private ProcessFacts? Refresh(int pid, ref object? kept)
    {
        var facts = kept as ProcessFacts ?? new ProcessFacts { Pid = pid };
        if (kept is not null && !facts.IsDue(Context.Now))
        {
            return facts;
        }

        var isRead = _reader.Read(facts) == ReadStatus.Ok;
        kept = isRead ? facts : null;
        return isRead ? facts : null;
    }

    // The limit of a process and its namespaces are remembered; usage and cgroup limits are read in every scan.
    private bool NeedsFreshFacts(ConstraintReading reading) =>
        reading.Type is ConstraintType.UserProcesses or ConstraintType.PidNamespace
        && (reading.Refuses || reading.Percent >= _warningPercent);

    private readonly struct Visitor(ConstraintPass pass) : IProcessVisitor
    {
        public void Visit(int pid, ulong pages, ref object? facts) => pass.Visit(pid, pages, ref facts);
    }
}
