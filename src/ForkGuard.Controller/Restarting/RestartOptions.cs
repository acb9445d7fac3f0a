using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarting;

/// <summary>The controller's own limits.</summary>
internal sealed record RestartOptions
{
    public RestartBudget Budget { get; init; } = RestartBudget.Default;
    public RestartTimes Times { get; init; } = new();

    /// <summary>Everything is a dry run.</summary>
    public bool DryRun { get; init; }
}
