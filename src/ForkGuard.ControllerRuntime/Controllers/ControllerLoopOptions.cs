namespace ForkGuard.ControllerRuntime;

/// <summary>How a controller's objects are worked on.</summary>
public sealed record ControllerLoopOptions
{
    /// <summary>Objects worked on at the same time; default 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>A reconciliation is cancelled after this long, and counts as failed; default 2 minutes.</summary>
    public TimeSpan ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A worker that is at one object for longer is stuck, and liveness fails; default 5 minutes.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The delays of what failed.</summary>
    public WorkQueueOptions Queue { get; init; } = new();

    /// <summary>Nothing is reconciled before these have synced too; the loop's own cache is always waited for.</summary>
    public IReadOnlyCollection<ICacheHealth> WaitFor { get; init; } = [];
}
