using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Checking;

/// <summary>One constraint in one line.</summary>
internal static class ConstraintLine
{
    /// <summary>Usage, limit, percentage and confidence, such as <c>97 of 100 tasks, 97 %, exact</c>.</summary>
    internal static string Of(ConstraintReport constraint)
    {
        if (constraint.Problem is { } problem)
        {
            return $"unknown: {PrintableText.Escape(problem)}";
        }

        if (constraint.Type == ConstraintType.PidNamespace)
        {
            return "the init of the pid namespace for children has ended: refuses";
        }

        var atMost = constraint.Confidence == Confidence.UpperBound ? "at most " : "";
        var scope = constraint.ScopeName is { } name ? $" ({ScopeText(constraint)} {PrintableText.Escape(name)})" : "";
        var own =
            constraint.Own is { } bytes && constraint.Type == ConstraintType.CommitCharge
                ? $", {SizeText.Bytes(bytes)} of it for this fork"
                : "";
        var refuses = constraint.Refuses == true ? ": refuses" : "";
        var percent = constraint.Limit == 0 ? "" : $", {atMost}{constraint.Percent} %";
        return $"{ConstraintText.UsedOfLimit(constraint)}{scope}{own}{percent}, {ConfidenceText(constraint)}{refuses}";
    }

    private static string ScopeText(ConstraintReport constraint) =>
        constraint.Scope.Known switch
        {
            ConstraintScope.User => "uid",
            ConstraintScope.Pod => "pod",
            ConstraintScope.Container => "container",
            _ => "cgroup",
        };

    private static string ConfidenceText(ConstraintReport constraint) =>
        constraint switch
        {
            { Confidence: var confidence } when confidence == Confidence.Exact => "exact",
            { Confidence: var confidence } when confidence == Confidence.UpperBound => "an upper bound",
            { Uncertainty: { } uncertainty } => $"an estimate within {ConstraintText.Amount(constraint, uncertainty)}",
            _ => "an estimate",
        };
}
