using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>A report as the controller read it.</summary>
internal sealed record NodeReading
{
    public required string Node { get; init; }
    public required NodeForkReportStatus Status { get; init; }

    /// <summary>
    /// When the report was seen to change, less its delay, as a timestamp of the controller's monotonic clock; null before its
    /// first change.
    /// </summary>
    /// <remarks>A report that was there when the controller started may be of any age.</remarks>
    public required long? SeenTimestamp { get; init; }

    public required TimeSpan ScanInterval { get; init; }

    /// <summary>The level from which the agent was asked to report.</summary>
    public required int ReportAtPercent { get; init; }

    /// <summary>When the mode or the limit was last seen to move, by the clock of the API server; null if never.</summary>
    public DateTimeOffset? LimitChangedTime { get; init; }

    /// <summary>Time since then; null if it never moved.</summary>
    public TimeSpan? LimitChangedAgo { get; init; }

    internal int OvercommitMode => Status.Kernel?.OvercommitMode ?? 0;

    internal bool HasSwap => Status.Kernel?.SwapBytes > 0;

    /// <summary>The list of the report by a rule; null if it has none.</summary>
    internal ReportedProcesses? By(EvaluationMode rule) => ReportedProcesses.By(Status, rule, ReportAtPercent);

    /// <summary>The list by the rule has such constraints at all: that of a what-if has accounting alone.</summary>
    internal bool Lists(string constraint, EvaluationMode rule) =>
        rule == EvaluationMode.Actual
        || OvercommitMode == ReportedProcesses.ModeOf(rule)
        || (new OpenEnum<ConstraintType>(constraint).Known is { } type && AccountingMode.Of(type) is not null);

    /// <summary>The kernel, or the rule of a what-if, applies the constraint; true for what does not depend on the overcommit mode.</summary>
    internal bool Applies(string constraint, EvaluationMode rule)
    {
        var mode = rule == EvaluationMode.Actual ? OvercommitMode : ReportedProcesses.ModeOf(rule);
        return new OpenEnum<ConstraintType>(constraint).Known is not { } type
            || AccountingMode.Of(type) is not { } applies
            || applies == mode;
    }

    /// <summary>The constraint was measured in the scan of the report, and not taken from one before, which only the accounting does.</summary>
    internal bool IsFresh(ProcessReport process, ConstraintReport constraint) =>
        constraint.Type.Known is not { } type
        || AccountingMode.Of(type) is null
        || (Status.ObservedTime is { } observed && (observed - process.MeasuredTime).Duration() < ScanInterval / 2);
}
