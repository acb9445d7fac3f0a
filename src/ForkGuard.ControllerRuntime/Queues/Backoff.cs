namespace ForkGuard.ControllerRuntime;

/// <summary>Delays that double, with jitter, so that what failed together does not come back together.</summary>
internal static class Backoff
{
    /// <summary>Between half of min x 2^failures and all of it; never above max.</summary>
    public static TimeSpan Delay(int failures, TimeSpan min, TimeSpan max)
    {
        double full = Math.Min(min.TotalMilliseconds * Math.Pow(2, failures), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
