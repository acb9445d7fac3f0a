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
    internal static ForkRestartStatus? Corrected(ForkRestartStatus record, DateTimeOffset now)
    {
        if (TimesOf(record).Max() <= now + Tolerance)
        {
            return null;
        }

        return record with
        {
            Cooldown = Capped(record.Cooldown, now),
            Restart = record.Restart is { } run ? Corrected(run, now) : null,
            History = record.History?.Select(past => Corrected(past, now)).ToList(),
        };
    }

    private static IEnumerable<DateTimeOffset?> TimesOf(ForkRestartStatus record)
    {
        var run = record.Restart;
        return
        [
            record.Cooldown?.Until - RestartRecords.MaxCooldown,
            run?.PreviousCooldown?.Until - RestartRecords.MaxCooldown,
            run?.DecidedTime,
            run?.CalledTime,
            run?.LastCallTime,
            run?.AcceptedTime,
            run?.Replacement?.SeenTime,
            .. (record.History ?? []).SelectMany(past => new DateTimeOffset?[] { past.DecidedTime, past.EndedTime }),
            DateTimeOffset.MinValue,
        ];
    }

    private static RestartRun Corrected(RestartRun run, DateTimeOffset now) =>
        run with
        {
            PreviousCooldown = Capped(run.PreviousCooldown, now),
            DecidedTime = Earlier(run.DecidedTime, now),
            CalledTime = Earlier(run.CalledTime, now),
            LastCallTime = Earlier(run.LastCallTime, now),
            AcceptedTime = Earlier(run.AcceptedTime, now),
            Replacement = run.Replacement is { } replacement
                ? replacement with
                {
                    SeenTime = Earlier(replacement.SeenTime, now),
                }
                : null,
        };

    private static PastRestart Corrected(PastRestart past, DateTimeOffset now) =>
        past with
        {
            DecidedTime = Earlier(past.DecidedTime, now),
            EndedTime = Earlier(past.EndedTime, now),
        };

    private static RestartCooldown? Capped(RestartCooldown? cooldown, DateTimeOffset now) =>
        cooldown is null || cooldown.Until <= now + RestartRecords.MaxCooldown
            ? cooldown
            : cooldown with
            {
                Since = Earlier(cooldown.Since, now),
                Until = now + RestartRecords.MaxCooldown,
            };

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset now) => time < now ? time : now;

    private static DateTimeOffset? Earlier(DateTimeOffset? time, DateTimeOffset now) =>
        time is { } known ? Earlier(known, now) : null;
}
