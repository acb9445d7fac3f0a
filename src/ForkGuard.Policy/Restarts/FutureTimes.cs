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
        || IsTooLong(record.Cooldown, now + Tolerance)
        || IsTooLong(record.Restart?.PreviousCooldown, now + Tolerance)
            ? RecordTimes.With(record, time => Earlier(time, now), cooldown => Capped(cooldown, now))
            : null;

    private static IEnumerable<DateTimeOffset?> TimesOf(ForkRestartStatus record) =>
        [
            .. RecordTimes.OfRun(record.Restart),
            .. (record.History ?? []).SelectMany(past => new DateTimeOffset?[] { past.DecidedTime, past.EndedTime }),
        ];

    private static RestartCooldown Capped(RestartCooldown cooldown, DateTimeOffset now) =>
        IsTooLong(cooldown, now)
            ? cooldown with
            {
                Since = Earlier(cooldown.Since, now),
                Until = Earlier(cooldown.Until, now + RestartRecords.MaxCooldown),
            }
            : cooldown;

    private static bool IsTooLong(RestartCooldown? cooldown, DateTimeOffset now) =>
        cooldown?.Until > now + RestartRecords.MaxCooldown || cooldown?.Since > now + RestartRecords.MaxCooldown;

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset now) => time < now ? time : now;
}
