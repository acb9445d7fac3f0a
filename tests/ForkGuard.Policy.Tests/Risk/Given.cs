using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>Rules and readings in one line: a limit of 1000 bytes, so that 10 bytes are one percent.</summary>
internal static class Given
{
    public const long Limit = 1000;
    public static readonly TimeSpan Scan = TimeSpan.FromSeconds(15);
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Warns at 70 %, clears below 60 %, restarts at 90 %, each for two minutes.</summary>
    public static WatchRule Rule => WatchRule.From("redis", new ForkWatchSpec { Action = WatchAction.Restart });

    public static WatchRule AtOnce => Rule with { Hold = TimeSpan.Zero };

    public static readonly ProcessReport Process = new() { Pid = 4711, Command = "redis-server" };

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>A largest mapping that has grown since the process settled.</summary>
    public static ConstraintReport Exactly(int percent) =>
        new()
        {
            Type = ConstraintType.LargestMapping,
            Unit = ConstraintUnit.Bytes,
            Scope = ConstraintScope.Process,
            Confidence = Confidence.Exact,
            Used = percent * Limit / 100,
            Limit = Limit,
            Percent = percent,
            Refuses = percent > 100 ? true : null,
            Growing = true,
        };

    public static ConstraintReport Steady(int percent) => Exactly(percent) with { Growing = false };

    public static ConstraintReport Growing(int percent, long secondsToLimit) =>
        Exactly(percent) with
        {
            SecondsToLimit = secondsToLimit,
            GrowthPerMinute = (100 - percent) * Limit / 100 * 60 / Math.Max(1, secondsToLimit),
        };

    public static ConstraintReport UpperBound(int percent) =>
        Exactly(percent) with
        {
            Confidence = Confidence.UpperBound,
            Refuses = null,
        };

    public static ConstraintReport Estimated(int percent, int errorPercent) =>
        Exactly(percent) with
        {
            Confidence = Confidence.Estimate,
            Uncertainty = errorPercent * Limit / 100,
        };

    public static ConstraintReport Unreadable =>
        new()
        {
            Type = ConstraintType.LargestMapping,
            Unit = ConstraintUnit.Bytes,
            Scope = ConstraintScope.Process,
            Problem = "permission denied",
        };

    /// <summary>Strict mode: the whole node at a percentage, of which a part goes with this process.</summary>
    public static ConstraintReport Committed(int percent, int? ownPercent) =>
        Exactly(percent) with
        {
            Type = ConstraintType.CommitCharge,
            Scope = ConstraintScope.Node,
            Confidence = Confidence.Estimate,
            Uncertainty = 1,
            Used = (percent * Limit / 100) + 1,
            Refuses = percent >= 100 ? true : null,
            Own = ownPercent * Limit / 100,
        };

    /// <summary>Tasks of a pod.</summary>
    public static ConstraintReport Pids(int percent, long? refused = null) =>
        Exactly(percent) with
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Pod,
            Refuses = percent >= 100 ? true : null,
            Refused = refused,
        };

    /// <summary>A save that needs as much of the room as an earlier one.</summary>
    public static ConstraintReport Save(int percent) =>
        Exactly(percent) with
        {
            Type = ConstraintType.CopyOnWrite,
            Scope = ConstraintScope.Container,
            Refuses = null,
            Growing = null,
        };

    public static ConstraintReport RunningSave(int percent, long secondsToLimit) =>
        Save(percent) with
        {
            Growing = true,
            SecondsToLimit = secondsToLimit,
        };
}
