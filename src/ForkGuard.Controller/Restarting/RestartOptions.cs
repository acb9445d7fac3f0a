using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarting;

/// <summary>The controller's own limits.</summary>
internal sealed record RestartOptions
{
    public RestartBudget Budget { get; init; } = RestartBudget.Default;

    /// <summary>Everything is a dry run.</summary>
    public bool DryRun { get; init; }

    /// <summary>How long a restart may take until its replacement is Ready and below <c>clearBelowPercent</c>; then it did not help.</summary>
    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a decided restart that was not carried out waits for evidence that confirms it.</summary>
    public TimeSpan IntentLifetime { get; init; } = TimeSpan.FromMinutes(10);
}
