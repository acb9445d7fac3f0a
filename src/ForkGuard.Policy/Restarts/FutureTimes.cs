using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>
/// Corrects times of a record that are ahead of the API server's clock, because the clock was set back: a restart would wait
/// for them without limit. They become the present time. A cooldown stays, but ends after the longest one that a watch can
/// have.
/// </summary>
internal static class FutureTimes
{
    // The clocks of the API servers of one cluster differ by less.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>The record with these times corrected; null if it has none.</summary>
    internal static ForkRestartStatus? Corrected(ForkRestartStatus record, DateTimeOffset now) =>
        TimesOf(record).Any(time => time > now + Tolerance)
        || UntilOf(record).Any(until => IsTooLate(until, now + Tolerance))
            ? RecordTimes.With(record, time => Earlier(time, now), cooldown => Corrected(cooldown, now))
            : null;

    private static IEnumerable<DateTimeOffset?> TimesOf(ForkRestartStatus record) =>
        [
            record.Cooldown?.Since,
            record.Restart?.PreviousCooldown?.Since,
            .. RecordTimes.OfRun(record.Restart),
            .. (record.History ?? []).SelectMany(past => new DateTimeOffset?[] { past.DecidedTime, past.EndedTime }),
        ];

    private static IEnumerable<DateTimeOffset?> UntilOf(ForkRestartStatus record) =>
        [record.Cooldown?.Until, record.Restart?.PreviousCooldown?.Until];

    private static RestartCooldown Corrected(RestartCooldown cooldown, DateTimeOffset now) =>
        cooldown with
        {
            Since = Earlier(cooldown.Since, now),
            Until = IsTooLate(cooldown.Until, now) ? now + RestartRecords.MaxCooldown : cooldown.Until,
        };

    private static bool IsTooLate(DateTimeOffset? until, DateTimeOffset now) =>
        until > now + RestartRecords.MaxCooldown;

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset now) => time < now ? time : now;
}
