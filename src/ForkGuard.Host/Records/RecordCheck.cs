using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Host.Records;

/// <summary>Finds values that no record of this program has: the file was damaged, or changed by hand.</summary>
internal static class RecordCheck
{
    private const int MaxReplaceWithinSeconds = 8100;

    // The clock of a machine without a battery starts in 1970, and shows the time of its start before that.
    private const int MinYear = 1969;
    private const int MaxYear = 3000;

    /// <summary>A time that a clock can show. Sums of it with any of a restart's times have a date.</summary>
    internal static bool IsPossible(DateTimeOffset time) => time.UtcDateTime.Year is >= MinYear and <= MaxYear;

    /// <summary>The first such value, as the end of a sentence about the file; null if there is none.</summary>
    internal static string? ProblemOf(ForkRestart record)
    {
        if (record.Status is not { } status)
        {
            return "has no status";
        }

        if (RecordTimes.Of(status).Append(record.Metadata?.CreationTimestamp ?? default).Any(time => !IsPossible(time)))
        {
            return $"has no creationTimestamp, or a time before {MinYear} or after {MaxYear}";
        }

        if (RestartRecords.StateOf(status) is not { } state)
        {
            return $"is in state {PrintableText.Escape(status.State!.Value.Text)}, which this version does not know";
        }

        if (status.Cooldown is { } cooldown ? cooldown.Until < cooldown.Since : NeedsCooldown(status, state))
        {
            return "has no cooldown, or one that ends before it begins";
        }

        if (status.Writer is not { LeaseTransitions: 0 })
        {
            return "was not written by forkguard on a host";
        }

        return status.Restart is { } run ? ProblemOf(run, record.Spec.Owner.Name) : null;
    }

    private static bool NeedsCooldown(ForkRestartStatus status, RestartState state) =>
        state != RestartState.Idle || status.Restart is not null || status.History is [_, ..];

    private static string? ProblemOf(RestartRun run, string unit) =>
        !string.Equals(run.Pod.Name, unit, StringComparison.Ordinal) ? "has the restart of another unit"
        : run.ActAtPercent is < 1 or > 100
        || run.CallCount < 0
        || run.ReplaceWithinSeconds is < 0 or > MaxReplaceWithinSeconds
            ? "has a number that is out of range"
        : null;
}
