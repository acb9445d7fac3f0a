using ForkGuard.Api;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Reconciles ForkWatches.</summary>
internal sealed class ForkWatchReconciler(WatchReconciler reconciler) : IEntityController<ForkWatch>
{
    public Task<ReconciliationResult> ReconcileAsync(ForkWatch entity, CancellationToken cancellationToken) =>
        reconciler.ReconcileAsync(WatchResource.Of(entity), cancellationToken);

    public Task DeletedAsync(ForkWatch entity, CancellationToken cancellationToken) =>
        reconciler.DeletedAsync(WatchIdentity.Of(entity));
}

/// <summary>Reconciles ClusterForkWatches.</summary>
internal sealed class ClusterForkWatchReconciler(WatchReconciler reconciler) : IEntityController<ClusterForkWatch>
{
    public Task<ReconciliationResult> ReconcileAsync(ClusterForkWatch entity, CancellationToken cancellationToken) =>
        reconciler.ReconcileAsync(WatchResource.Of(entity), cancellationToken);

    public Task DeletedAsync(ClusterForkWatch entity, CancellationToken cancellationToken) =>
        reconciler.DeletedAsync(WatchIdentity.Of(entity));
}
