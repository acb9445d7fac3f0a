using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The times of a record that steps of a restart compare with the clock.</summary>
public static class RecordTimes
{
    /// <summary>Returns all of them, those of the cooldowns included.</summary>
    public static IEnumerable<DateTimeOffset> Of(ForkRestartStatus record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return
        [
            .. Of(record.Cooldown),
            .. Of(record.Restart?.PreviousCooldown),
            .. OfRun(record.Restart).OfType<DateTimeOffset>(),
            .. (record.History ?? []).SelectMany(past => new[] { past.DecidedTime, past.EndedTime }),
        ];
    }

    /// <summary>Returns the record with its times moved by the step of a clock.</summary>
    public static ForkRestartStatus Moved(ForkRestartStatus record, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(record);
        return With(
            record,
            time => time + by,
            cooldown => cooldown with { Since = cooldown.Since + by, Until = cooldown.Until + by }
        );
    }

    /// <summary>Returns the record with other times and cooldowns.</summary>
    internal static ForkRestartStatus With(
        ForkRestartStatus record,
        Func<DateTimeOffset, DateTimeOffset> time,
        Func<RestartCooldown, RestartCooldown> cooldown
    ) =>
        record with
        {
            Cooldown = record.Cooldown is { } decided ? cooldown(decided) : null,
            Restart = record.Restart is { } run ? With(run, time, cooldown) : null,
            History = record
                .History?.Select(past =>
                    past with
                    {
                        DecidedTime = time(past.DecidedTime),
                        EndedTime = time(past.EndedTime),
                    }
                )
                .ToList(),
        };

    internal static IEnumerable<DateTimeOffset?> OfRun(RestartRun? run) =>
        run is null
            ? []
            : [run.DecidedTime, run.CalledTime, run.LastCallTime, run.AcceptedTime, run.Replacement?.SeenTime];

    private static RestartRun With(
        RestartRun run,
        Func<DateTimeOffset, DateTimeOffset> time,
        Func<RestartCooldown, RestartCooldown> cooldown
    )
    {
        DateTimeOffset? Known(DateTimeOffset? some) => some is { } known ? time(known) : null;
        return run with
        {
            PreviousCooldown = run.PreviousCooldown is { } previous ? cooldown(previous) : null,
            DecidedTime = time(run.DecidedTime),
            CalledTime = Known(run.CalledTime),
            LastCallTime = Known(run.LastCallTime),
            AcceptedTime = Known(run.AcceptedTime),
            Replacement = run.Replacement is { } replacement
                ? replacement with
                {
                    SeenTime = time(replacement.SeenTime),
                }
                : null,
        };
    }

    private static IEnumerable<DateTimeOffset> Of(RestartCooldown? cooldown) =>
        cooldown is null ? [] : [cooldown.Since, cooldown.Until];
}
