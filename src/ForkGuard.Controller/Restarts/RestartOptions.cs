using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>The controller's own limits.</summary>
internal sealed record RestartOptions
{
    public RestartBudget Budget { get; init; } = RestartBudget.Default;
    public RestartTimes Times { get; init; } = new();

    /// <summary>The longest time between two looks at a replacement during its proof, each of which costs a few requests.</summary>
    public TimeSpan FollowProof { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time for a decision, until its call is written: all other decisions wait for it, and one that takes longer is
    /// made again.
    /// </summary>
    public TimeSpan MaxDecision { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Everything is a dry run.</summary>
    public bool DryRun { get; init; }
}
