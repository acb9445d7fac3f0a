using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>What one reading proves under a rule. Percentages are null without a positive limit.</summary>
internal readonly record struct Evidence
{
    /// <summary>The reading proves something: that the process is well, or that it is not.</summary>
    public bool Tells { get; private init; }

    /// <summary>The reading is an upper bound that may or may not hide a risk.</summary>
    public bool Suspects { get; private init; }

    /// <summary>What the process uses at least, in percent of the limit.</summary>
    public int? LeastPercent { get; private init; }

    /// <summary>What was measured, in percent of the limit.</summary>
    public int? Percent { get; private init; }

    /// <summary>Seconds until what is used at least reaches the limit.</summary>
    public long? SecondsToLimit { get; private init; }

    /// <summary>The limit is out of reach of the error, and passed.</summary>
    public bool Refused { get; private init; }

    /// <summary>A fork is refused now, as far as was measured, and not for what fork children hold alone.</summary>
    public bool StaysRefused { get; private init; }

    public bool Warns { get; private init; }
    public bool Acts { get; private init; }
    public bool Clears { get; private init; }

    public static bool IsNotApplicable(WatchRule rule, in RiskInput input) =>
        input.Reading.Verdict == Verdict.NotApplicable
        || (rule.EvaluateAs == EvaluationMode.Actual && input.OvercommitMode == 1);

    public static Evidence Of(WatchRule rule, ProcessReport reading)
    {
        var percent = PercentOf(reading.UsedBytes, reading.LimitBytes);
        if (reading.Verdict == Verdict.Unknown)
        {
            return new Evidence { Percent = percent };
        }

        return reading is { Confidence: Confidence.Estimate, ErrorBytes: null }
            ? OfUpperBound(rule, reading, percent)
            : OfMeasurement(rule, reading, percent);
    }

    private static Evidence OfUpperBound(WatchRule rule, ProcessReport reading, int? percent)
    {
        var forecast = IsReachedWithin(rule.Forecast, reading.SecondsToLimit);
        var suspects = reading.Verdict == Verdict.CannotFork || percent >= rule.WarnAtPercent || forecast;
        return new Evidence
        {
            Tells = percent is not null && !suspects,
            Suspects = suspects,
            Percent = percent,
            Clears = !suspects && percent < rule.ClearBelowPercent,
        };
    }

    private static Evidence OfMeasurement(WatchRule rule, ProcessReport reading, int? percent)
    {
        // What fork children hold is no risk to the next fork: it goes with them.
        var error = Math.Max(0, reading.ErrorBytes ?? 0);
        var lasting = Math.Max(0, Math.Max(0, reading.UsedBytes) - Math.Max(0, reading.ForkChildBytes ?? 0));
        var least = Math.Max(0, lasting - error);
        var leastPercent = PercentOf(least, reading.LimitBytes);
        var seconds = least == reading.UsedBytes ? reading.SecondsToLimit : SecondsFrom(least, reading);
        var forecast = IsReachedWithin(rule.Forecast, seconds);
        var isRefused = reading.Verdict == Verdict.CannotFork;
        var refused = isRefused && (least == reading.UsedBytes || Exceeds(least, reading));
        var warns = refused || leastPercent >= rule.WarnAtPercent || forecast;
        return new Evidence
        {
            Tells = refused || percent is not null,
            Percent = percent,
            LeastPercent = leastPercent,
            SecondsToLimit = seconds,
            Refused = refused,
            StaysRefused = isRefused && (lasting == reading.UsedBytes || Exceeds(lasting, reading)),
            Warns = warns,
            Acts = refused || leastPercent >= rule.ActAtPercent || (forecast && leastPercent >= rule.WarnAtPercent),
            Clears = !warns && reading.Verdict == Verdict.CanFork && percent < rule.ClearBelowPercent,
        };
    }

    private static long? SecondsFrom(long least, ProcessReport reading) =>
        reading is { LimitBytes: > 0 and var limit, GrowthBytesPerMinute: { } growth }
            ? GrowthWindow.SecondsToLimit(least, limit, new Growth(growth))
            : null;

    // The kernel refuses a mapping that is larger than the limit, and a commit charge that reaches it.
    private static bool Exceeds(long used, ProcessReport reading) =>
        reading.Constraint == Constraint.CommitCharge ? used >= reading.LimitBytes : used > reading.LimitBytes;

    private static bool IsReachedWithin(TimeSpan? forecast, long? seconds) =>
        forecast is { } within && seconds is >= 0 && seconds <= within.TotalSeconds;

    private static int? PercentOf(long used, long? limit) =>
        limit > 0 ? int.CreateSaturating((Int128)Math.Max(0, used) * 100 / limit.Value) : null;
}
