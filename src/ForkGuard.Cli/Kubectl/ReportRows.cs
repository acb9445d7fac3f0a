using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Output;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Kubectl;

/// <summary>One constraint of one process, or of a whole node, in a report.</summary>
/// <param name="Node">The node.</param>
/// <param name="Process">Null for a constraint of the node.</param>
/// <param name="Reading">The constraint.</param>
/// <param name="IsStale">The agent has not written for long: the numbers prove nothing.</param>
internal sealed record ReportRow(string Node, ProcessReport? Process, ConstraintReport Reading, bool IsStale)
{
    internal string Constraint => Reading.Type.Text;

    internal bool IsAtRisk => !IsStale && ProcessRow.IsAtRisk(Reading);

    internal string Percent =>
        Reading.Problem is not null
            ? "-"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(Reading.Confidence == Confidence.UpperBound ? "≤" : "")}{Reading.Percent}"
            );

    internal string Usage => Reading.Problem ?? ConstraintText.UsedOfLimit(Reading);

    internal string Growth =>
        Reading.GrowthPerMinute is { } growth and not 0 ? $"{ConstraintText.Amount(Reading, growth)}/min" : "-";

    internal string Left => Reading.SecondsToLimit is { } seconds ? SizeText.Duration(seconds) : "-";

    internal string Verdict =>
        IsStale ? "Stale"
        : Reading.Refuses == true ? nameof(Api.Constraints.Verdict.CannotFork)
        : IsAtRisk ? "NearLimit"
        : Process?.Verdict.Text ?? "-";
}

/// <summary>The rows of reports, worst first.</summary>
internal static class ReportRows
{
    /// <summary>The report as a record; null for one that this version cannot read.</summary>
    internal static NodeForkReport? Parse(JsonObject report)
    {
        try
        {
            return report.Deserialize(ApiJson.Default.NodeForkReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A row for a node whose agent does not report.</summary>
    internal static ReportRow Silent(JsonObject report) =>
        new(
            report.NameOf(),
            Process: null,
            new ConstraintReport { Problem = report.Condition("Ready").Text("message") ?? "no report yet" },
            IsStale: true
        );

    /// <summary>Constraints of the node and of all processes.</summary>
    internal static IEnumerable<ReportRow> AllOf(JsonObject report)
    {
        var node = report.NameOf();
        var isStale = !report.HasCondition("Ready");
        var status = Parse(report)?.Status;
        return (status?.Constraints ?? [])
            .Select(constraint => new ReportRow(node, Process: null, constraint, isStale))
            .Concat(
                (status?.Processes ?? []).SelectMany(process =>
                    (process.Constraints ?? []).Select(constraint => new ReportRow(node, process, constraint, isStale))
                )
            );
    }

    /// <summary>The binding constraint of each process.</summary>
    internal static IEnumerable<ReportRow> BindingOf(JsonObject report) =>
        AllOf(report).Where(row => row.Process is { } process && ReferenceEquals(process.Binding(), row.Reading));

    /// <summary>Refusals first, then what is at risk, then by percentage.</summary>
    internal static IOrderedEnumerable<ReportRow> WorstFirst(this IEnumerable<ReportRow> rows) =>
        rows.OrderByDescending(row => row.Reading.Refuses == true && !row.IsStale)
            .ThenByDescending(row => row.IsAtRisk)
            .ThenByDescending(row => row.Reading.Percent);
}
