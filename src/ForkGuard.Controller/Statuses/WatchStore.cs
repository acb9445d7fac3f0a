using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Statuses;

/// <summary>Reads watches past the caches, and writes their status by compare-and-swap.</summary>
internal sealed class WatchStore(ClusterReader cluster, ApiClient client, ApiPipeline pipeline)
{
    private readonly StatusWriter<ForkWatch, WatchStatus> _forkWatches = new(
        client,
        pipeline,
        Kinds.ForkWatches,
        static watch => watch.Status,
        ApiJson.Default.WatchStatus
    );

    private readonly StatusWriter<ClusterForkWatch, WatchStatus> _clusterForkWatches = new(
        client,
        pipeline,
        Kinds.ClusterForkWatches,
        static watch => watch.Status,
        ApiJson.Default.WatchStatus
    );

    /// <summary>The watch as it is now; null if there is none.</summary>
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

    /// <summary>All watches as they are now.</summary>
    internal async Task<IReadOnlyList<WatchResource>> ListAsync(CancellationToken cancellationToken) =>
        [
            .. (await cluster.ListAsync(Kinds.ForkWatches, cancellationToken)).Select(WatchResource.Of),
            .. (await cluster.ListAsync(Kinds.ClusterForkWatches, cancellationToken)).Select(WatchResource.Of),
        ];

    /// <summary>Writes the status if the watch is still the one that was read.</summary>
    /// <returns>The watch with its new status; null if it changed or went, and nothing was written.</returns>
    internal async Task<WatchResource?> WriteAsync(
        WatchResource current,
        WatchStatus status,
        CancellationToken cancellationToken
    )
    {
        if (current.ForkWatch is { } watch)
        {
            var write = await _forkWatches.WriteAsync(watch, status, cancellationToken);
            return write.Resource is { } written ? WatchResource.Of(written) : null;
        }

        var clusterWrite = await _clusterForkWatches.WriteAsync(current.ClusterForkWatch!, status, cancellationToken);
        return clusterWrite.Resource is { } clusterWritten ? WatchResource.Of(clusterWritten) : null;
    }
}
