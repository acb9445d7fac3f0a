using ForkGuard.Controller.Restarts;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Hosting;

/// <summary>How the controller runs.</summary>
internal sealed record ControllerOptions
{
    internal const string LeaseName = "forkguard-controller";
    internal const string EventController = "forkguard.io/controller";

    public required LeaderElectionOptions Lease { get; init; }
    public RestartOptions Restarts { get; init; } = new();

    /// <summary>An agent writes every 5 minutes with jitter; two heartbeats that did not come are silence.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMinutes(11);
}
