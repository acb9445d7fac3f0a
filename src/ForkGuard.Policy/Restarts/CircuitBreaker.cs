namespace ForkGuard.Policy.Restarts;

/// <summary>Three restarts in the cluster that failed within an hour end all restarts for an hour.</summary>
public static class CircuitBreaker
{
    public const int Failures = 3;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>When restarts are possible again; null if they are not stopped.</summary>
    /// <param name="failures">When restarts ended as DidNotHelp or NotReplaced, over all workloads.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? OpenUntil(IEnumerable<DateTimeOffset> failures, DateTimeOffset now)
    {
        // A clock that was set back counts from now.
        DateTimeOffset[] times = [.. failures.Select(time => time < now ? time : now).Order()];
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
