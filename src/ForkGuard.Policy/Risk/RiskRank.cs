using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Urgency of a reading, in ascending order.</summary>
public enum Urgency
{
    /// <summary>Below the warning level.</summary>
    Low,

    /// <summary>A failed read, or an upper bound at the warning level: it may hide a risk and proves none.</summary>
    Unproven,

    /// <summary>At the warning level and steady, or not known to grow.</summary>
    Steady,

    /// <summary>At the warning level and growing, or growing to the limit within the forecast; a save at the warning level.</summary>
    Growing,

    /// <summary>The kernel refuses a fork now.</summary>
    Refused,
}

/// <summary>
/// The one order of readings, worst first: it chooses the process of an entry, the entries of a report, and the reading of a
/// target. A steady reading never comes before one that grows at the warning level.
/// </summary>
public static class RiskRank
{
    private const int LeastSaveSeconds = 60;

    /// <summary>A save ends after minutes: a forecast of days for a leak does not apply to it.</summary>
    private const int MostSaveSeconds = 900;

    /// <summary>Returns the rank of a reading; the greater one is worse.</summary>
    /// <param name="constraint">The reading.</param>
    /// <param name="warnAtPercent">The warning level, 1 to 100.</param>
    /// <param name="forecast">Time within which growth to the limit is a warning; null without a forecast.</param>
    public static (Urgency Urgency, int Percent) Of(ConstraintReport constraint, int warnAtPercent, TimeSpan? forecast)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        var isAbove = constraint.Percent >= warnAtPercent;
        var urgency =
            constraint.Problem is not null ? Urgency.Unproven
            : !IsEvidence(constraint) ? (isAbove ? Urgency.Unproven : Urgency.Low)
            : constraint.Refuses == true ? Urgency.Refused
            : IsForecast(constraint, forecast) || (isAbove && IsMoreThanSteady(constraint)) ? Urgency.Growing
            : isAbove ? Urgency.Steady
            : Urgency.Low;
        // The running save is killed first, whatever a later one may need.
        var percent =
            constraint.Type == ConstraintType.CopyOnWrite && IsForecast(constraint, forecast)
                ? Math.Max(constraint.Percent, 100)
                : constraint.Percent;
        return (urgency, constraint.Problem is null ? percent : int.MaxValue);
    }

    /// <summary>Reports whether the reading was measured, and is not an upper bound or a failed read.</summary>
    public static bool IsEvidence(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Problem is null && constraint.Confidence != Confidence.UpperBound;
    }

    /// <summary>
    /// Reports whether growth that outlasted the start reaches the limit within the forecast. A save that runs is killed there: it
    /// counts within 60 s without a forecast too, and within 15 min with a longer one.
    /// </summary>
    public static bool IsForecast(ConstraintReport constraint, TimeSpan? forecast)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        var within = forecast?.TotalSeconds ?? -1;
        if (constraint.Type == ConstraintType.CopyOnWrite)
        {
            within = Math.Clamp(within, LeastSaveSeconds, MostSaveSeconds);
        }

        return constraint is { Growing: true, SecondsToLimit: >= 0 and var seconds } && seconds <= within;
    }

    /// <summary>Reports whether the usage grows, or is that of saves, each of which grows again.</summary>
    public static bool IsMoreThanSteady(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Growing == true || constraint.Type == ConstraintType.CopyOnWrite;
    }
}
