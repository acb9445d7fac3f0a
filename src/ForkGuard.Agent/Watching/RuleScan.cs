using ForkGuard.Agent.Readings;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Watching;

/// <summary>A process at or above the level, as this scan found it.</summary>
/// <param name="Report">With growth and unit.</param>
/// <param name="IsFresh">The flags were read in this scan.</param>
/// <param name="Membership">Whom it belongs to.</param>
internal sealed record ScannedProcess(ProcessReport Report, bool IsFresh, CgroupMembership Membership)
{
    internal ProcessIdentity Identity => new(Report.Pid, Report.StartTime);
}

/// <summary>The scans of all watches that judge by the same rule: one scanner, and the growth of what it finds.</summary>
internal sealed class RuleScan : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly ProcessScanner _scanner;
    private readonly EvaluationMode _evaluateAs;
    private readonly ScanLevels _levels;
    private readonly List<ProcessReading> _loud = [];
    private readonly ProcessGrowth _growth = new();

    internal RuleScan(ProcRoot proc, EvaluationMode evaluateAs, ScanLevels levels, int maxHeld)
    {
        _proc = proc;
        _evaluateAs = evaluateAs;
        _levels = levels;
        _scanner = new ProcessScanner(proc, maxHeld) { TrustsCommitted = true };
    }

    internal ScanStatistics Statistics { get; private set; }

    /// <summary>Scans once. In mode 1 nothing is at or above any level unless this is a what-if.</summary>
    internal Dictionary<ProcessIdentity, ScannedProcess> Scan(
        in KernelState state,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    )
    {
        _loud.Clear();
        Statistics = _scanner.Scan(state, ModeOf(state), _levels, now, _loud, cancellationToken);
        _growth.Add(_loud, ModeOf(state), now);
        var found = new Dictionary<ProcessIdentity, ScannedProcess>(_loud.Count);
        foreach (var reading in _loud)
        {
            found[ProcessIdentity.Of(reading)] = Complete(reading);
        }

        return found;
    }

    /// <summary>Reads one process anew; null if it has ended, or another one has its pid.</summary>
    internal ScannedProcess? Remeasure(ProcessIdentity identity, in KernelState state, DateTimeOffset now)
    {
        var reading = _scanner.Remeasure(identity.Pid, state, ModeOf(state), _levels.ReportPercent, now);
        // A process whose identity cannot be read just now has not ended for that.
        var isSame =
            reading.Status != ReadStatus.Gone
            && (reading.StartTime == 0 || ReportConversion.Signed(reading.StartTime) == identity.StartTime);
        return isSame && reading.Status != ReadStatus.NoAddressSpace ? Complete(reading) : null;
    }

    /// <summary>The worst processes of the last scan, to show them.</summary>
    internal IReadOnlyList<ProcessReport> Worst(in KernelState state, int count, DateTimeOffset now)
    {
        var worst = _scanner.Worst(state, ModeOf(state), count, now, maxMapsReads: 4 * count);
        return [.. worst.Select(reading => _growth.Complete(reading.ToReport()))];
    }

    public void Dispose() => _scanner.Dispose();

    private ScannedProcess Complete(in ProcessReading reading)
    {
        var membership = CgroupMembership.Read(_proc, reading.Pid);
        return new ScannedProcess(_growth.Complete(reading.ToReport(membership.Unit)), !reading.IsKept, membership);
    }

    private OvercommitMode ModeOf(in KernelState state) =>
        _evaluateAs switch
        {
            EvaluationMode.Heuristic => OvercommitMode.Heuristic,
            EvaluationMode.Strict => OvercommitMode.Strict,
            _ => state.Mode,
        };
}
