namespace ForkGuard.Policy.Restarts;

/// <summary>Three restarts in the cluster that failed within an hour end all restarts for an hour.</summary>
public static class CircuitBreaker
{
    public const int Failures = 3;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>When restarts are possible again; null if they are not stopped.</summary>
    /// <param name="failures">The failed restarts of all workloads.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? OpenUntil(IEnumerable<RestartFailure> failures, DateTimeOffset now)
    {
        // A clock that was set back counts from now, until the record is corrected. Nothing corrects one of a later version.
        DateTimeOffset[] times =
        [
            .. failures
                .Where(failure => !failure.IsOfLaterVersion || !FutureTimes.IsAhead(failure.EndedTime, now))
                .Select(failure => failure.EndedTime < now ? failure.EndedTime : now)
                .Order(),
        ];
        for (var last = times.Length - 1; last >= Failures - 1; last--)
        {
            if (times[last] - times[last - Failures + 1] <= Window)
            {
                var until = times[last] + Window;
                return until > now ? until : null;
            }
        }

        return null;
    }
}
