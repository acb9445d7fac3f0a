using ForkGuard.Api;

namespace ForkGuard.Controller.Judging;

/// <summary>A list of a report.</summary>
/// <param name="Processes">Worst first.</param>
/// <param name="IsComplete">It had room for all: what it does not name is below the level of reporting.</param>
internal sealed record ReportedProcesses(IReadOnlyList<ProcessReport> Processes, bool IsComplete);

/// <summary>A report as the controller saw it.</summary>
internal sealed record NodeReading
{
    public required string Node { get; init; }
    public required NodeForkReportStatus Status { get; init; }

    /// <summary>When the report was seen to change, by the controller's clock; null before its first change.</summary>
    /// <remarks>A report that was there when the controller started may be of any age.</remarks>
    public required DateTimeOffset? SeenTime { get; init; }

    public required TimeSpan ScanInterval { get; init; }

    /// <summary>When the mode or the limit was last seen to move; null if never.</summary>
    public DateTimeOffset? LimitChangedTime { get; init; }

    internal int OvercommitMode => Status.Kernel?.OvercommitMode ?? 0;

    /// <summary>What the report says by a rule; null if it says nothing by it.</summary>
    internal ReportedProcesses? By(EvaluationMode rule) =>
        rule switch
        {
            EvaluationMode.Heuristic => By(WhatIfRule.Heuristic),
            EvaluationMode.Strict => By(WhatIfRule.Strict),
            _ => OfKernel,
        };

    // The kernel's own rule is no what-if: its list is the answer already.
    private ReportedProcesses? By(WhatIfRule rule) =>
        OvercommitMode == (int)rule ? OfKernel
        : Status.WhatIf?.FirstOrDefault(whatIf => whatIf.EvaluateAs == rule) is { } found
            ? new ReportedProcesses(found.Processes ?? [], found.Truncated != true)
        : null;

    private ReportedProcesses OfKernel => new(Status.Processes ?? [], Status.Truncated != true);

    /// <summary>No older than three scans.</summary>
    internal bool IsFresh(DateTimeOffset now) => SeenTime is { } seen && now - seen <= ScanInterval * 3 && now >= seen;

    /// <summary>The process was measured in the scan that the report tells of, and not kept from one before.</summary>
    internal bool IsFresh(ProcessReport process) =>
        Status.ObservedTime is { } observed && (observed - process.MeasuredTime).Duration() < ScanInterval / 2;
}
