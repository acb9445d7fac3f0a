using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Kubectl;

/// <summary>The entries of a pod in a report, as the controller evaluates them under a watch.</summary>
/// <param name="Rule">Levels of the watch.</param>
/// <param name="Spec">Its spec.</param>
/// <param name="Selector">Its selection.</param>
internal sealed record PodReading(WatchRule Rule, WatchSpec Spec, WatchSelector Selector)
{
    /// <summary>Returns the reason for which the report proves no risk of the pod; null if it has a reading at the warning level.</summary>
    internal string? ReasonOf(NodeForkReport report, string podUid)
    {
        var reportAtPercent = report.Spec?.ReportAtPercent ?? WatchDefaults.ReportAtPercent;
        if (ReportedProcesses.By(report.Status!, Rule.EvaluateAs, reportAtPercent) is not { } reported)
        {
            return $"the report has no list by evaluateAs {Rule.EvaluateAs} yet";
        }

        var entries = reported.Processes.Where(process => process.Pod?.Uid == podUid).ToList();
        var readings = entries
            .SelectMany(process => (process.Constraints ?? []).Select(constraint => (process, constraint)))
            .Where(entry => Selector.Selects(entry.process) || Selector.Shares(entry.process, entry.constraint))
            .ToList();
        if (readings.Count == 0)
        {
            return entries.Count == 0
                ? Text(
                    $"no process of the pod is in the report: every constraint is below {reported.AbsentBelow} %, or the agent has not scanned the pod yet"
                )
                : $"no reported process of the pod is one of {Selection()}";
        }

        var evaluated = readings
            .Where(entry => Rule.Evaluates(entry.process, entry.constraint))
            .Select(entry => entry.constraint)
            .ToList();
        return evaluated.Count > 0 ? ReasonOf(evaluated.MaxBy(Rule.RankOf)!)
            : Rule.Constraints is { } named ? $"no reported constraint is one of {string.Join(", ", named)}"
            : "the program was not seen to save by forking, and the watch does not name CopyOnWrite";
    }

    private string? ReasonOf(ConstraintReport worst) =>
        worst.Problem is { } problem ? $"{worst.Type.Text} could not be read: {problem}"
        : Rule.RankOf(worst).Urgency >= Urgency.Steady ? null
        : RiskRank.IsEvidence(worst)
            ? Text($"{worst.Type.Text} is at {worst.Percent} %, below {Rule.WarnAtPercent} % (warnAtPercent)")
        : Text($"{worst.Type.Text} is at most {worst.Percent} %: an upper bound proves no risk");

    private string Selection() =>
        string.Join(
            " with ",
            new[] { NamesOf("containers", Spec.Containers), NamesOf("commands", Spec.Commands) }.OfType<string>()
        );

    private static string? NamesOf(string kind, IReadOnlyList<string>? names) =>
        names is { Count: > 0 } ? $"{kind} {string.Join(", ", names)}" : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
