using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Node.Readings;

/// <summary>Order of constraints and processes: at risk first, whatever larger reservations there are.</summary>
internal static class Severity
{
    /// <summary>
    /// 3: a refusal now. 2: measured at the warning level, or reaches the limit within the forecast. 1: an upper bound at the
    /// warning level, which proves nothing. 0: the rest.
    /// </summary>
    internal static int Of(ConstraintReport constraint, int warningPercent, TimeSpan? forecast) =>
        constraint.Refuses == true ? 3
        : !IsEvidence(constraint) ? (constraint.Percent >= warningPercent ? 1 : 0)
        : constraint.Percent >= warningPercent || IsForecast(constraint, forecast) ? 2
        : 0;

    /// <summary>Measured, and not an upper bound or a failed read.</summary>
    internal static bool IsEvidence(ConstraintReport constraint) =>
        constraint.Problem is null && constraint.Confidence != Confidence.UpperBound;

    /// <summary>Growth that outlasted the start reaches the limit within this time.</summary>
    internal static bool IsForecast(ConstraintReport constraint, TimeSpan? forecast) =>
        forecast is { } within
        && constraint is { Growing: true, SecondsToLimit: { } seconds }
        && seconds <= within.TotalSeconds;

    /// <summary>A warning about saves, never binding and never a verdict.</summary>
    internal static bool CanBind(ConstraintReport constraint) => constraint.Type != ConstraintType.CopyOnWrite;
}
