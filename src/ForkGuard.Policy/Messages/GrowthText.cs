using ForkGuard.Api;

namespace ForkGuard.Policy.Messages;

/// <summary>Growth of a constraint and the time left.</summary>
public static class GrowthText
{
    /// <summary>
    /// Such as <c>growing 10.0 MiB/min, 11 min left</c>; null for steady usage. There is no time left without growth that
    /// outlasted the start of the process.
    /// </summary>
    public static string? Of(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        if (constraint.Growing == false || constraint.GrowthPerMinute is not > 0)
        {
            return null;
        }

        var growth = $"growing {ConstraintText.Amount(constraint, constraint.GrowthPerMinute.Value)}/min";
        return constraint is { Growing: true, SecondsToLimit: { } seconds }
            ? $"{growth}, {SizeText.Duration(seconds)} left"
            : growth;
    }
}
