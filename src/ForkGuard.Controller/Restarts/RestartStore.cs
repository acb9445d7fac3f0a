using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Reads records past the cache, and writes them by compare-and-swap.</summary>
internal sealed class RestartStore(ClusterReader cluster, IResourceCache<ForkRestart> cache)
{
    // A cache may not have what was written last.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<ResourceKey, ForkRestart> _written = new();

    /// <summary>All records as far as this process knows without a request; only for gates that block.</summary>
    internal IEnumerable<ForkRestart> Known =>
        cache.List().Where(IsOfOwner).Select(record => Newer(record, _written.GetValueOrDefault(KeyOf(record))));

    /// <summary>The record of a restart of this pod that is in progress, or of the workload; null if none is known.</summary>
    internal ForkRestart? Find(string? podUid, RecordKey? key) =>
        Known
            .Concat(_written.Values)
            .FirstOrDefault(record =>
                record.Status?.Restart is { } run && string.Equals(run.Pod.Uid, podUid, StringComparison.Ordinal)
            )
        ?? (key is null ? null : Known.FirstOrDefault(record => KeyOf(record) == key.Resource));

    /// <summary>The highest term of a Lease in which a known record was written; 0 without one.</summary>
    internal int LastTermOf(string leaseUid) =>
        Known
            .Select(record => record.Status?.Writer)
            .Where(writer => string.Equals(writer?.LeaseUid, leaseUid, StringComparison.Ordinal))
            .Select(writer => writer!.LeaseTransitions)
            .DefaultIfEmpty()
            .Max();

    /// <summary>The record as it is now; null if there is none.</summary>
    internal Task<ForkRestart?> ReadAsync(ResourceKey key, CancellationToken cancellationToken) =>
        cluster.ReadAsync(Kinds.ForkRestarts, key, cancellationToken);

    /// <summary>All records as they are now.</summary>
    internal async Task<IReadOnlyList<ForkRestart>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await cluster.ListAsync(Kinds.ForkRestarts, cancellationToken)).Where(IsOfOwner)];

    /// <summary>Writes a status over the record that was just read, or over a new one.</summary>
    /// <returns>The record as written; null if it changed in between, and nothing was written.</returns>
    internal async Task<ForkRestart?> WriteAsync(
        RecordKey key,
        ForkRestart? current,
        ForkRestartStatus status,
        CancellationToken cancellationToken
    )
    {
        var record = current ?? await cluster.CreateAsync(Kinds.ForkRestarts, Blank(key), cancellationToken);
        if (record is null)
        {
            return null;
        }

        var written = await cluster.PutStatusAsync(
            Kinds.ForkRestarts,
            record with
            {
                Status = status,
            },
            cancellationToken
        );
        if (written is not null)
        {
            _written[key.Resource] = written;
        }

        return written;
    }

    internal async Task RemoveAsync(ForkRestart record, CancellationToken cancellationToken)
    {
        await cluster.DeleteAsync(Kinds.ForkRestarts, record, cancellationToken);
        Forget(record);
    }

    internal void Forget(ForkRestart record) => _written.TryRemove(KeyOf(record), out _);

    internal static ResourceKey KeyOf(ForkRestart record) => Kinds.ForkRestarts.Identify(record).Key;

    /// <summary>Reports whether the object is named after its workload. Any other is not followed, and holds nothing back.</summary>
    internal static bool IsOfOwner(ForkRestart record) =>
        KeyOf(record) is var key && new RecordKey(key.Namespace, record.Spec.Owner).Resource == key;

    /// <summary>The restart in progress as others count it; null if it holds no budget.</summary>
    internal static OpenRestart? OpenOf(ForkRestart record) =>
        record.Status is { Restart: { } run } status && RestartRecords.HoldsBudget(status)
            ? new OpenRestart(
                KeyOf(record).ToString(),
                KeyOf(record).Namespace,
                run.Watch.Uid,
                run.Node,
                run.Zone,
                RestartRecords.StateOf(status)!.Value,
                record.Metadata?.ResourceVersion ?? ""
            )
            : null;

    private static ForkRestart Blank(RecordKey key) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = key.Namespace, Name = key.Resource.Name },
            Spec = new ForkRestartSpec { Owner = key.Owner },
        };

    private static ForkRestart Newer(ForkRestart cached, ForkRestart? written) =>
        written?.Metadata is { Uid: { } uid, ResourceVersion: { } version }
        && string.Equals(uid, cached.Metadata?.Uid, StringComparison.Ordinal)
        && ulong.TryParse(version, out var own)
        && ulong.TryParse(cached.Metadata?.ResourceVersion, out var other)
        && own > other
            ? written
            : cached;
}
