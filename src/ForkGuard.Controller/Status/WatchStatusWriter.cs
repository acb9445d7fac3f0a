using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Status;

/// <summary>Writes the status of watches by compare-and-swap: at once for what matters, once a minute for small moves of a percentage.</summary>
internal sealed class WatchStatusWriter(ApiClient client, ApiPipeline pipeline, TimeProvider time)
{
    private static readonly TimeSpan SmallMovesEvery = TimeSpan.FromMinutes(1);

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

    // Timestamps: the wall clock may be set back.
    private readonly ConcurrentDictionary<WatchIdentity, long> _written = new();

    /// <summary>Writes the status if it has changed enough and the watch is unchanged.</summary>
    /// <returns>False if the watch was changed or deleted; nothing is written then.</returns>
    internal async Task<bool> WriteAsync(WatchResource current, WatchStatus status, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var isDue =
            !_written.TryGetValue(current.Identity, out var written)
            || time.GetElapsedTime(written, now) >= SmallMovesEvery;
        if (!isDue && !StatusChange.IsWorthWriting(current.Status, status))
        {
            return true;
        }

        if (!await PutAsync(current, status, cancellationToken))
        {
            return false;
        }

        _written[current.Identity] = now;
        return true;
    }

    internal void Forget(WatchIdentity identity) => _written.TryRemove(identity, out _);

    private async Task<bool> PutAsync(WatchResource current, WatchStatus status, CancellationToken cancellationToken) =>
        current.ForkWatch is { } watch
            ? (await _forkWatches.WriteAsync(watch, status, cancellationToken)).Resource is not null
            : (await _clusterForkWatches.WriteAsync(current.ClusterForkWatch!, status, cancellationToken)).Resource
                is not null;
}
