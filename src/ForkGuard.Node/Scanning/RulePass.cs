using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>Moment and rule of one scan.</summary>
internal readonly record struct ScanMoment(
    KernelState State,
    OvercommitMode Mode,
    ReportSettings Settings,
    Uptime Uptime,
    DateTimeOffset Now,
    CancellationToken CancellationToken
);

/// <summary>
/// Scans of all processes by one rule: a scanner, and the growth of what it finds. Not for several threads at once.
/// </summary>
internal sealed class RulePass : IDisposable
{
    private readonly OwnerCache _owners;
    private readonly List<ProcessReading> _found = [];

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal RulePass(ProcRoot proc, OwnerCache owners, int maxHeld, ReadBudget budget)
    {
        _owners = owners;
        Scanner = new ProcessScanner(proc, maxHeld, budget) { TrustsCommitted = true };
    }

    internal ProcessScanner Scanner { get; }

    internal GrowthTracker Growth { get; } = new();

    /// <summary>Cost of the last scan, with what was measured again.</summary>
    internal ScanStatistics Statistics { get; private set; }

    /// <summary>Processes at or above the report level by the accounting of memory.</summary>
    internal IReadOnlyList<ProcessReading> Found => _found;

    /// <summary>Processes that mattered and whose mappings the kernel did not show.</summary>
    internal int Denied => _found.Count(r => r.Status == ReadStatus.Denied);

    /// <summary>Processes that mattered and whose smaps is missing or has no flags.</summary>
    internal int Unsupported => _found.Count(r => r.Status == ReadStatus.Unsupported);

    /// <exception cref="IOException">The processes cannot be listed.</exception>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal void Scan(in ScanMoment moment)
    {
        _found.Clear();
        Statistics = Scanner.Scan(
            moment.State,
            moment.Mode,
            moment.Settings.Levels,
            moment.Now,
            _found,
            moment.CancellationToken
        );
    }

    /// <summary>
    /// Returns the worst process of each group, worst first. Those above the threshold that were only kept are measured again, the longest
    /// ago first, as far as the budget goes: a kept answer may only keep a process below a level.
    /// </summary>
    /// <param name="moment">As of the scan.</param>
    /// <param name="others">Constraints beside accounting, by pid.</param>
    /// <returns>As <see cref="GroupEntry.Of"/>.</returns>
    internal (List<GroupEntry> Entries, int OmittedPercent) Evaluate(
        in ScanMoment moment,
        IReadOnlyDictionary<int, FoundConstraints> others
    )
    {
        var candidates = new CandidateList(_owners, moment).Collect(_found, others);
        Growth.Begin(moment.Now);
        foreach (var candidate in candidates.WorstFirst())
        {
            CompleteGrowth(candidate, moment.Settings);
        }

        var groups = candidates.ByGroup();
        var asked = moment;
        var remeasurement = new Remeasurement((pid, level) => Remeasure(pid, level, asked), Growth, moment);
        foreach (var group in groups.OrderBy(g => g[0].Accounting?.MeasuredTime))
        {
            remeasurement.Settle(group);
        }

        Growth.End();
        Statistics = Statistics with
        {
            MapsReads = Statistics.MapsReads + remeasurement.Count,
            SmapsReads = Statistics.SmapsReads + remeasurement.Count,
        };
        return GroupEntry.Of(groups, moment.Settings);
    }

    public void Dispose() => Scanner.Dispose();

    private ProcessReading? Remeasure(int pid, int levelPercent, in ScanMoment moment) =>
        Scanner.Remeasure(pid, moment.State, moment.Mode, levelPercent, moment.Now, moment.CancellationToken);

    private void CompleteGrowth(Candidate candidate, ReportSettings settings)
    {
        for (var i = 0; i < candidate.Constraints.Count; i++)
        {
            candidate.Constraints[i] = Growth.Complete(candidate.Identity, candidate.Constraints[i], candidate.Age);
        }

        candidate.Sort(settings);
    }
}
