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
        TimesOf(record).Any(time => time is { } known && IsAhead(known, now))
        || IsWrong(record.Cooldown, now + Tolerance)
        || IsWrong(record.Restart?.PreviousCooldown, now + Tolerance)
            ? RecordTimes.With(record, time => Earlier(time, now), cooldown => Capped(cooldown, now))
            : null;

    /// <summary>Reports whether a time is ahead of the clock by more than clocks of API servers differ.</summary>
    internal static bool IsAhead(DateTimeOffset time, DateTimeOffset now) => time > now + Tolerance;

    private static IEnumerable<DateTimeOffset?> TimesOf(ForkRestartStatus record) =>
        [
            .. RecordTimes.OfRun(record.Restart),
            .. (record.History ?? []).SelectMany(past => new DateTimeOffset?[] { past.DecidedTime, past.EndedTime }),
        ];

    private static RestartCooldown Capped(RestartCooldown cooldown, DateTimeOffset now)
    {
        if (!IsWrong(cooldown, now))
        {
            return cooldown;
        }

        var until = Earlier(cooldown.Until, now + RestartRecords.MaxCooldown);
        return cooldown with { Since = Earlier(Earlier(cooldown.Since, now), until), Until = until };
    }

    // No controller writes one that begins after its end.
    private static bool IsWrong(RestartCooldown? cooldown, DateTimeOffset now) =>
        cooldown is not null && (cooldown.Until > now + RestartRecords.MaxCooldown || cooldown.Since > cooldown.Until);

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset now) => time < now ? time : now;
}
