using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>The controller's own limits.</summary>
internal sealed record RestartOptions
{
    public RestartBudget Budget { get; init; } = RestartBudget.Default;
    public RestartTimes Times { get; init; } = new();

    /// <summary>The longest time between two looks at a replacement during its proof, each of which costs a few requests.</summary>
    public TimeSpan FollowProof { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Everything is a dry run.</summary>
    public bool DryRun { get; init; }
}
