using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Cli.Checking;

/// <summary>How far a verdict can be trusted, from the constraints it rests on.</summary>
internal static class VerdictConfidence
{
    // An estimate without a known uncertainty is one of tasks that come and go: half of the limit does not go in a moment.
    private const int SafePercent = 50;

    /// <summary>
    /// Exact only where everything that could refuse was read exactly, or is further from its limit than it can be off. Null
    /// without a verdict.
    /// </summary>
    internal static Confidence? Of(ProcessReport report)
    {
        var constraints = report.Constraints ?? [];
        return report.Verdict.Known switch
        {
            Verdict.CannotFork => constraints.Any(c => c.Refuses == true && IsCertain(c))
                ? Confidence.Exact
                : Confidence.Estimate,
            Verdict.CanFork => report.NotChecked?.Any(MayRefuse) != true
            && constraints.All(c => c.Type == ConstraintType.CopyOnWrite || IsCertain(c))
                ? Confidence.Exact
                : Confidence.Estimate,
            _ => null,
        };
    }

    private static bool IsCertain(ConstraintReport constraint) =>
        constraint.Problem is null
        && constraint.Confidence.Known switch
        {
            Confidence.Exact => true,
            Confidence.UpperBound => constraint.Type == ConstraintType.ContainerMemory
                && constraint.Limit - constraint.Used >= (constraint.Uncertainty ?? 0),
            _ when constraint.Uncertainty is { } uncertainty => Math.Abs(constraint.Used - constraint.Limit)
                > uncertainty,
            _ => constraint.Unit == ConstraintUnit.Tasks && constraint.Percent < SafePercent,
        };

    // The fork itself succeeds: what fails is an exec after a change of the uid.
    private static bool MayRefuse(string notChecked) => notChecked != nameof(Kernel.Checks.NotChecked.SetuidExec);
}
