using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

/// <summary>Rules and readings in one line: a limit of 1000 bytes, so that 10 bytes are one percent.</summary>
internal static class Given
{
    public const long Limit = 1000;
    public static readonly TimeSpan Scan = TimeSpan.FromSeconds(15);
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Warns at 70 %, clears below 60 %, restarts at 90 %, each for two minutes.</summary>
    public static readonly WatchRule Rule = WatchRule.From("redis", new ForkWatchSpec { Action = WatchAction.Restart });

    public static readonly WatchRule AtOnce = Rule with { Hold = TimeSpan.Zero };

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public static ProcessReport Exactly(int percent) =>
        new()
        {
            Command = "redis-server",
            Verdict = percent > 100 ? Verdict.CannotFork : Verdict.CanFork,
            Constraint = Constraint.LargestMapping,
            UsedBytes = percent * Limit / 100,
            LimitBytes = Limit,
            Percent = percent,
        };

    public static ProcessReport Growing(int percent, long secondsToLimit) =>
        Exactly(percent) with
        {
            SecondsToLimit = secondsToLimit,
            GrowthBytesPerMinute = (100 - percent) * Limit / 100 * 60 / Math.Max(1, secondsToLimit),
        };

    public static ProcessReport UpperBound(int percent) => Exactly(percent) with { Confidence = Confidence.Estimate };

    public static ProcessReport Estimated(int percent, int errorPercent) =>
        UpperBound(percent) with
        {
            ErrorBytes = errorPercent * Limit / 100,
        };

    public static ProcessReport Unreadable(int boundPercent) =>
        UpperBound(boundPercent) with
        {
            Verdict = Verdict.Unknown,
        };

    public static ProcessReport NeverRefused { get; } = new() { Verdict = Verdict.NotApplicable };

    /// <summary>Strict mode: the whole node at a percentage, of which a fork of this process is a part.</summary>
    public static ProcessReport Committed(int percent, int? ownPercent) =>
        Exactly(percent) with
        {
            Constraint = Constraint.CommitCharge,
            Verdict = percent >= 100 ? Verdict.CannotFork : Verdict.CanFork,
            OwnBytes = ownPercent * Limit / 100,
        };
}
