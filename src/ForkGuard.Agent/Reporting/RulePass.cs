using ForkGuard.Agent.Attribution;
using ForkGuard.Agent.Readings;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>What one pass found.</summary>
/// <param name="Worst">The worst of each group, worst first.</param>
/// <param name="Truncated">There were more groups.</param>
/// <param name="Statistics">What it cost, with what was measured anew.</param>
/// <param name="Denied">Processes that mattered and whose mappings the kernel did not show.</param>
/// <param name="Unsupported">Processes that mattered and whose smaps is missing or has no flags.</param>
internal sealed record PassFindings(
    List<ReportedProcess> Worst,
    bool Truncated,
    ScanStatistics Statistics,
    int Denied,
    int Unsupported
)
{
    internal IReadOnlyList<ReportedGroup> Groups => [.. Worst.Select(p => p.Group)];
}

/// <summary>One pass over all processes after another by one rule: a scanner, and the growth of the worst it finds. Not for several threads at once.</summary>
internal sealed class RulePass : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly ProcessScanner _scanner;
    private readonly List<ProcessReading> _loud = [];
    private readonly ProcessGrowth _growth = new();

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal RulePass(ProcRoot proc, int maxHeld)
    {
        _proc = proc;
        _scanner = new ProcessScanner(proc, maxHeld) { TrustsCommitted = true };
    }

    /// <summary>Looks once at everything by the rule of a mode.</summary>
    internal PassFindings Scan(
        KernelState state,
        OvercommitMode mode,
        ReportSettings settings,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    )
    {
        _loud.Clear();
        var statistics = _scanner.Scan(state, mode, settings.Levels, now, _loud, cancellationToken);
        var remeasured = 0;
        var choice = new WorstOfEach(
            pid => CgroupMembership.Read(_proc, pid),
            pid =>
            {
                remeasured++;
                return _scanner.Remeasure(pid, state, mode, settings.LevelPercent, now, cancellationToken);
            }
        );
        var (worst, truncated) = choice.Choose(_loud, settings);
        _growth.Add([.. worst.Select(p => p.Reading)], mode, now);
        return new PassFindings(
            worst,
            truncated,
            statistics with
            {
                MapsReads = statistics.MapsReads + remeasured,
                SmapsReads = statistics.SmapsReads + remeasured,
            },
            _loud.Count(r => r.Status == ReadStatus.Denied),
            _loud.Count(r => r.Status == ReadStatus.Unsupported)
        );
    }

    /// <summary>The worst of the last scan as they are reported: with growth, and the names that are known by now.</summary>
    internal List<ProcessReport> Complete(PassFindings found, PodNames names) =>
        [.. found.Worst.Select(process => Complete(process, names.Of(process.Membership)))];

    public void Dispose() => _scanner.Dispose();

    private ProcessReport Complete(ReportedProcess process, (PodReference Pod, ContainerReference? Container)? place)
    {
        var report = process.Reading.ToReport(BoundedText.Of(process.Membership.Unit));
        return _growth.Complete(
            report with
            {
                Pod = place?.Pod,
                Container = place?.Container,
                Mapping = report.Mapping is { } mapping ? mapping with { Name = BoundedText.Of(mapping.Name) } : null,
            }
        );
    }
}
