using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Watches;

/// <summary>Reads watches past the caches.</summary>
internal sealed class WatchReader(ClusterReader cluster)
{
    /// <summary>Reads the watch from the API server; null if it does not exist.</summary>
    internal async Task<WatchResource?> ReadAsync(WatchIdentity identity, CancellationToken cancellationToken)
    {
        var key = new ResourceKey(identity.Namespace, identity.Name);
        if (identity.Kind == ForkGuardApi.ForkWatchKind)
        {
            return await cluster.ReadAsync(Kinds.ForkWatches, key, cancellationToken) is { } watch
                ? WatchResource.Of(watch)
                : null;
        }

        return await cluster.ReadAsync(Kinds.ClusterForkWatches, key, cancellationToken) is { } clusterWatch
            ? WatchResource.Of(clusterWatch)
            : null;
    }

    /// <summary>Reads all watches from the API server.</summary>
    internal async Task<IReadOnlyList<WatchResource>> ListAsync(CancellationToken cancellationToken) =>
        [
            .. (await cluster.ListAsync(Kinds.ForkWatches, cancellationToken)).Select(WatchResource.Of),
            .. (await cluster.ListAsync(Kinds.ClusterForkWatches, cancellationToken)).Select(WatchResource.Of),
        ];
}
