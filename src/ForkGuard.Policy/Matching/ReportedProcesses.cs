using ForkGuard.Api;

namespace ForkGuard.Policy.Matching;

/// <summary>A list of a report.</summary>
/// <param name="Processes">Worst first.</param>
/// <param name="AbsentBelow">Processes that the list does not name are below this percentage of every constraint.</param>
public sealed record ReportedProcesses(IReadOnlyList<ProcessReport> Processes, int AbsentBelow)
{
    /// <summary>Returns the list of a report by a rule; null if the report has none by it.</summary>
    /// <param name="status">The report.</param>
    /// <param name="rule">The rule of a watch.</param>
    /// <param name="reportAtPercent">The level from which the agent was asked to report.</param>
    public static ReportedProcesses? By(NodeForkReportStatus status, EvaluationMode rule, int reportAtPercent)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (rule == EvaluationMode.Actual || (status.Kernel?.OvercommitMode ?? 0) == ModeOf(rule))
        {
            return Of(status.Processes, status.OmittedBelowPercent);
        }

        return status.WhatIf?.FirstOrDefault(whatIf => whatIf.EvaluateAs == rule) is { } found
            ? Of(found.Processes, found.OmittedBelowPercent)
            : null;

        ReportedProcesses Of(IReadOnlyList<ProcessReport>? processes, int? omittedBelow) =>
            new(processes ?? [], omittedBelow ?? reportAtPercent);
    }

    /// <summary>Returns the overcommit mode in which the kernel applies a what-if rule.</summary>
    public static int ModeOf(EvaluationMode rule) => rule == EvaluationMode.Heuristic ? 0 : 2;
}
