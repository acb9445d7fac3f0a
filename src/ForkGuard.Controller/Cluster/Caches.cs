using ForkGuard.Api;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Cluster;

/// <summary>The objects of the cluster that the controller holds.</summary>
internal sealed class Caches
{
    internal const string ByWorkload = "workload";
    internal const string ByCgroupUid = "cgroup-uid";
    internal const string ByNamespace = "namespace";
    internal const string ByReplacementNode = "replacement-node";

    internal Caches(ApiClient client, RuntimeServices services)
    {
        ForkWatches = new(client, Kinds.ForkWatches, new(), services);
        ClusterForkWatches = new(client, Kinds.ClusterForkWatches, new(), services);
        Reports = new(client, Kinds.NodeForkReports, new() { Share = CachedParts.Share }, services);
        ForkRestarts = new(
            client,
            Kinds.ForkRestarts,
            new()
            {
                Indexes = new Dictionary<string, Func<ForkRestart, IEnumerable<string>>>(StringComparer.Ordinal)
                {
                    [ByReplacementNode] = static record =>
                        record.Status?.Restart?.Replacement is { } replacement ? [replacement.Node] : [],
                },
            },
            services
        );
        Nodes = new(client, Kinds.Nodes, new() { Transform = static node => node.ForCache() }, services);
        Namespaces = new(client, Kinds.Namespaces, new() { Transform = static space => space.ForCache() }, services);
        Pods = new(
            client,
            Kinds.Pods,
            new()
            {
                Transform = static pod => pod.ForCache(),
                Indexes = new Dictionary<string, Func<Pod, IEnumerable<string>>>(StringComparer.Ordinal)
                {
                    [ByWorkload] = static pod => pod.WorkloadKey() is { } key ? [key] : [],
                    [ByCgroupUid] = static pod => pod.CgroupUids(),
                    [ByNamespace] = static pod => [pod.Metadata?.Namespace ?? ""],
                },
            },
            services
        );
        foreach (var cache in All)
        {
            services.Health.Cache(cache);
        }
    }

    internal ResourceCache<ForkWatch> ForkWatches { get; }
    internal ResourceCache<ClusterForkWatch> ClusterForkWatches { get; }
    internal ResourceCache<NodeForkReport> Reports { get; }
    internal ResourceCache<ForkRestart> ForkRestarts { get; }
    internal ResourceCache<Node> Nodes { get; }
    internal ResourceCache<Namespace> Namespaces { get; }
    internal ResourceCache<Pod> Pods { get; }

    internal IReadOnlyCollection<ICacheHealth> All =>
        [ForkWatches, ClusterForkWatches, Reports, ForkRestarts, Nodes, Namespaces, Pods];

    /// <summary>Keeps all of them up to date until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellationToken) =>
        Loops.RunAsync(
            [
                ForkWatches.RunAsync,
                ClusterForkWatches.RunAsync,
                Reports.RunAsync,
                ForkRestarts.RunAsync,
                Nodes.RunAsync,
                Namespaces.RunAsync,
                Pods.RunAsync,
            ],
            cancellationToken
        );
}
