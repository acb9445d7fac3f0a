namespace ForkGuard.Controller.Evaluation;

/// <summary>
/// The time that a report took from its scan to this controller, by the times between it and the node's report before. Clocks of
/// nodes may be wrong, so no time of one clock is compared with a time of another.
/// </summary>
internal static class ReportDelay
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <summary>Returns the delay, at most a day.</summary>
    /// <param name="before">The delay of the report before.</param>
    /// <param name="scanned">Time between the two scans, by the clock of the node.</param>
    /// <param name="arrived">Time between the two arrivals.</param>
    /// <param name="scanInterval">Time between two scans of the agent.</param>
    internal static TimeSpan Of(TimeSpan before, TimeSpan scanned, TimeSpan arrived, TimeSpan scanInterval)
    {
        // Reports that come faster than they were made have waited together. One that comes at its pace has not: the one before
        // came late, or was the first after the node's clock was set back.
        var waited = arrived < scanned - scanInterval / 4 ? before : TimeSpan.Zero;
        var delay = waited + arrived - scanned;
        return delay < TimeSpan.Zero ? TimeSpan.Zero
            : delay > Max ? Max
            : delay;
    }
}
