using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Watches;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Has the wanted restarts of a watch decided, and emits why one was not done.</summary>
internal sealed class WantedRestarts(
    Restarter restarter,
    RiskEvents events,
    SuppressionMemory suppressions,
    TimeProvider time
)
{
    /// <returns>The targets whose restart is wanted and was not done, worst first.</returns>
    internal async Task<IReadOnlyList<SuppressedTarget>> DecideAsync(
        WatchResource resource,
        TargetTracker tracker,
        CancellationToken cancellationToken
    )
    {
        var suppressed = new List<SuppressedTarget>();
        foreach (var state in tracker.Wanted)
        {
            var blocks = await restarter.TryAsync(tracker.Watch, resource, state, cancellationToken);
            if (blocks is [var first, ..])
            {
                suppressed.Add(new SuppressedTarget(state, blocks));
                if (suppressions.IsDue(resource.Identity, state.Target, first.Reason, time.GetUtcNow()))
                {
                    events.Suppressed(resource, state, first.Reason, first.Message);
                }
            }
            else
            {
                suppressions.Forget(resource.Identity, state.Target);
            }
        }

        return suppressed;
    }

    internal void Forget(WatchIdentity identity) => suppressions.Forget(identity);
}
