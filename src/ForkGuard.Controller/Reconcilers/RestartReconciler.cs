using ForkGuard.Api;
using ForkGuard.Controller.Restarts;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Follows every record: it completes restarts, and removes records that decide nothing any more.</summary>
internal sealed class RestartReconciler(
    RestartRunner runner,
    RestartStore store,
    ReplacementReader replacements,
    ServerClock clock,
    RestartOptions options
) : IEntityController<ForkRestart>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileInProgress = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AtRest = TimeSpan.FromHours(1);

    public async Task<ReconciliationResult> ReconcileAsync(ForkRestart entity, CancellationToken cancellationToken)
    {
        if (!RestartStore.IsOfOwner(entity))
        {
            return ReconciliationResult.Done;
        }

        var key = new RecordKey(RestartStore.KeyOf(entity).Namespace, entity.Spec.Owner);
        var again = await runner.FollowAsync(key, cancellationToken);
        var state = RestartRecords.StateOf(entity.Status);
        var max =
            entity.Status?.Restart is null || state is null ? AtRest
            : state == RestartState.Proving ? options.FollowProof
            : WhileInProgress;
        return new ReconciliationResult(
            again is not { } wait ? max
            : wait < Soon ? Soon
            : wait < max ? wait
            : max
        );
    }

    /// <summary>Reports whether the last report about the replacement ends its proof, unless it is a success.</summary>
    internal bool EndsProof(ForkRestart record) =>
        record.Status?.Restart is { } run
        && clock.Now is { } now
        && replacements.Read(run, now) is { Level: ProofLevel.AtOrAbove or ProofLevel.Changed };

    public Task DeletedAsync(ForkRestart entity, CancellationToken cancellationToken)
    {
        store.Forget(entity);
        return Task.CompletedTask;
    }
}
