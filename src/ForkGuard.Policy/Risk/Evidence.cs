using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Facts that one reading proves under a rule. Percentages are null without a positive limit.</summary>
internal readonly record struct Evidence
{
    /// <summary>The reading proves something: that the target is well, or that it is not.</summary>
    public bool Proves { get; private init; }

    /// <summary>The reading is an upper bound that may or may not hide a risk.</summary>
    public bool Suspects { get; private init; }

    /// <summary>A fork could be refused for all that the reading shows.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>The least possible usage, in percent of the limit.</summary>
    public int? LeastPercent { get; private init; }

    /// <summary>The measured usage, in percent of the limit.</summary>
    public int? Percent { get; private init; }

    /// <summary>Seconds until the least possible usage reaches the limit.</summary>
    public long? SecondsToLimit { get; private init; }

    /// <summary>A fork is refused now, whatever the error is and however many fork children end.</summary>
    public bool Refused { get; private init; }

    /// <summary>A fork is refused now as far as was measured, and not only for usage of fork children.</summary>
    public bool StaysRefused { get; private init; }

    /// <summary>A save that runs uses up the room for it within the forecast, or within 60 s.</summary>
    public bool RunsOut { get; private init; }

    /// <summary>The warning counts without a hold: a save needs more than there is room for, or runs out of it.</summary>
    public bool WarnsAtOnce { get; private init; }

    public bool Warns { get; private init; }

    /// <summary>The warning is more than a steady level.</summary>
    public bool IsUrgent { get; private init; }

    public bool Acts { get; private init; }
    public bool Clears { get; private init; }

    /// <summary>Reports whether the constraint cannot refuse a fork: a zombie, a kernel thread, or the rule of another overcommit mode.</summary>
    public static bool IsNotApplicable(WatchRule rule, in RiskInput input) =>
        input.Process?.Verdict == Verdict.NotApplicable
        || (
            rule.EvaluateAs == EvaluationMode.Actual
            && input.Constraint.Type.Known is { } type
            && AccountingMode.Of(type) is { } mode
            && mode != input.OvercommitMode
        );

    public static Evidence Of(WatchRule rule, in RiskInput input)
    {
        var constraint = input.Constraint;
        if (constraint.Problem is not null)
        {
            return new Evidence { IsUnknown = true };
        }

        return constraint.Confidence.Known is Confidence.Exact or Confidence.Estimate
            ? OfMeasurement(rule, in input)
            : OfUpperBound(rule, constraint);
    }

    private static Evidence OfUpperBound(WatchRule rule, ConstraintReport constraint)
    {
        var percent = PercentOf(constraint.Used, constraint.Limit);
        var forecast = constraint.Growing == true && IsReachedWithin(rule.Forecast, constraint.SecondsToLimit);
        var suspects = constraint.Refuses == true || percent is null || percent >= rule.WarnAtPercent || forecast;
        return new Evidence
        {
            Proves = !suspects,
            Suspects = suspects,
            IsUnknown = suspects && (percent is null || Exceeds(constraint.Used, constraint)),
            Percent = percent,
            Clears = !suspects && percent < rule.ClearBelowPercent,
        };
    }

    private static Evidence OfMeasurement(WatchRule rule, in RiskInput input)
    {
        var constraint = input.Constraint;
        var used = Math.Max(0, constraint.Used);
        var lasting = Math.Max(0, used - Math.Max(0, constraint.ForkChildren ?? 0));
        var error = ConstraintTraits.Of(constraint.Type.Known).IsLeastUsage ? 0 : constraint.Uncertainty ?? 0;
        var least = Math.Max(0, lasting - Math.Max(0, error));
        var percent = PercentOf(used, constraint.Limit);
        var leastPercent = PercentOf(least, constraint.Limit);
        var isSave = constraint.Type == ConstraintType.CopyOnWrite;
        var seconds = least == used || isSave ? constraint.SecondsToLimit : SecondsFrom(least, constraint);

        // A type of a later version may mean anything by a refusal or a growth: only its percentage is common to all.
        var isKnown = constraint.Type.Known is not null;
        var isRefused = isKnown && !isSave && constraint.Refuses == true;
        var refused = isRefused && (least == used || Exceeds(least, constraint));
        var isGrowing = constraint.Growing == true;
        var forecast = isKnown && !isSave && isGrowing && IsReachedWithin(rule.Forecast, seconds);
        var isAbove = leastPercent >= rule.WarnAtPercent;
        var runsOut = isSave && RiskRank.IsForecast(constraint, rule.Forecast);
        var warns = refused || isAbove || forecast || runsOut;
        return new Evidence
        {
            Proves = refused || runsOut || percent is not null,
            Percent = percent,
            LeastPercent = leastPercent,
            SecondsToLimit = seconds,
            Refused = refused,
            StaysRefused = isRefused && (lasting == used || Exceeds(lasting, constraint)),
            RunsOut = runsOut,
            WarnsAtOnce = runsOut || (isSave && Exceeds(least, constraint)),
            Warns = warns,
            IsUrgent = forecast || (isAbove && (isGrowing || isSave)) || runsOut,
            Acts = isKnown && (refused || leastPercent >= rule.ActAtPercent || (forecast && isAbove)),
            Clears = !warns && constraint.Refuses != true && percent < rule.ClearBelowPercent,
        };
    }

    private static long? SecondsFrom(long least, ConstraintReport constraint) =>
        constraint is { Limit: > 0 and var limit, GrowthPerMinute: { } growth }
            ? GrowthWindow.SecondsToLimit(least, limit, new Growth(growth))
            : null;

    // The kernel refuses a mapping or a cost that is larger than the limit; all else when usage has reached it.
    private static bool Exceeds(long used, ConstraintReport constraint) =>
        ConstraintTraits.Of(constraint.Type.Known).GrantsLimit ? used > constraint.Limit : used >= constraint.Limit;

    private static bool IsReachedWithin(TimeSpan? forecast, long? seconds) =>
        forecast is { } within && seconds is >= 0 && seconds <= within.TotalSeconds;

    private static int? PercentOf(long used, long limit) =>
        limit > 0 ? int.CreateSaturating((Int128)Math.Max(0, used) * 100 / limit)
        : used <= 0 ? 0
        : null;
}
