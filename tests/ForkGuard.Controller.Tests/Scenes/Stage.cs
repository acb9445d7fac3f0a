using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A namespace, a node and a workload of one test. The test is the node's kubelet and its agent.</summary>
internal sealed class Stage : IAsyncDisposable
{
    internal const string App = "redis";
    internal const long Limit = 1000L << 20;

    private readonly List<string> _clusterWatches = [];

    private Stage(ControlPlane cluster, string ns, string node)
    {
        Cluster = cluster;
        Namespace = ns;
        Node = node;
    }

    internal ControlPlane Cluster { get; }
    internal string Namespace { get; }
    internal string Node { get; }

    private IKubernetes Admin => Cluster.Admin;

    internal static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    internal static async Task<Stage> CreateAsync(ControlPlane cluster)
    {
        cluster.RequireControllers();
        await cluster.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));
        var ns = await cluster.CreateNamespaceAsync("scene");
        var node = $"node-of-{ns}";
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [Workloads.HostLabel] = node };
        await cluster.Admin.CoreV1.CreateNodeAsync(
            new()
            {
                Metadata = new() { Name = node, Labels = labels },
            }
        );
        await SetNodeAsync(cluster, node, isReady: true);
        return new Stage(cluster, ns, node);
    }

    /// <summary>What the node's kubelet reports, or stops to report.</summary>
    internal Task SetNodeReadyAsync(bool isReady) => SetNodeAsync(Cluster, Node, isReady);

    private static Task<V1Node> SetNodeAsync(ControlPlane cluster, string node, bool isReady) =>
        cluster.Admin.CoreV1.PatchNodeStatusAsync(
            new V1Patch(
                $$$"""{"status":{"conditions":[{"type":"Ready","status":"{{{isReady}}}"}]}}""",
                V1Patch.PatchType.StrategicMergePatch
            ),
            node,
            cancellationToken: Cancelled
        );

    /// <summary>Makes a Deployment, and has each of its pods run and be Ready on the node.</summary>
    internal async Task<IReadOnlyList<V1Pod>> DeployAsync(int replicas = 2, Action<V1Deployment>? with = null)
    {
        var deployment = Workloads.Deployment(replicas, Node);
        with?.Invoke(deployment);
        await Admin.AppsV1.CreateNamespacedDeploymentAsync(deployment, Namespace, cancellationToken: Cancelled);
        return await RunPodsAsync(replicas);
    }

    /// <summary>Makes a StatefulSet and a DaemonSet of one pod each.</summary>
    internal async Task DeployOtherKindsAsync()
    {
        await Admin.AppsV1.CreateNamespacedStatefulSetAsync(
            Workloads.StatefulSet(Node),
            Namespace,
            cancellationToken: Cancelled
        );
        await Admin.AppsV1.CreateNamespacedDaemonSetAsync(
            Workloads.DaemonSet(Node),
            Namespace,
            cancellationToken: Cancelled
        );
    }

    /// <summary>Waits for that many pods, and has each run and be Ready on the node.</summary>
    internal async Task<IReadOnlyList<V1Pod>> RunPodsAsync(int count)
    {
        try
        {
            await Condition.HoldsAsync(
                async _ => (await LivePodsAsync()).Count == count,
                $"{count} pods",
                cancellationToken: Cancelled
            );
        }
        catch (TimeoutException late)
        {
            var there = await Cluster.KubectlAsync("get", "pods,events", "--namespace", Namespace);
            throw new TimeoutException($"{late.Message}; there are:\n{there.StandardOutput}", late);
        }

        foreach (var pod in await LivePodsAsync())
        {
            await SetReadyAsync(pod, isReady: true);
        }

        return await LivePodsAsync();
    }

    /// <summary>Makes a pod by itself, and has it run.</summary>
    internal async Task<V1Pod> AddPodAsync(V1Pod pod)
    {
        var created = await Admin.CoreV1.CreateNamespacedPodAsync(pod, Namespace, cancellationToken: Cancelled);
        await SetReadyAsync(created, isReady: true);
        return await Admin.CoreV1.ReadNamespacedPodAsync(
            created.Metadata.Name,
            Namespace,
            cancellationToken: Cancelled
        );
    }

    /// <summary>The pods of the workload that are not ending.</summary>
    internal async Task<IReadOnlyList<V1Pod>> LivePodsAsync() =>
        [
            .. (
                await Admin.CoreV1.ListNamespacedPodAsync(
                    Namespace,
                    labelSelector: $"app={App}",
                    cancellationToken: Cancelled
                )
            ).Items.Where(pod => pod.Metadata.DeletionTimestamp is null),
        ];

    /// <summary>The pod is being deleted, or is gone, or was replaced.</summary>
    internal async Task<bool> IsRemovedAsync(V1Pod pod) =>
        (await LivePodsAsync()).All(live => live.Metadata.Uid != pod.Metadata.Uid);

    /// <summary>What a kubelet does when the grace period is over.</summary>
    internal Task FinishAsync(V1Pod pod) =>
        Admin.CoreV1.DeleteNamespacedPodAsync(
            pod.Metadata.Name,
            Namespace,
            new V1DeleteOptions { GracePeriodSeconds = 0 },
            cancellationToken: Cancelled
        );

    /// <summary>Makes a ForkWatch over the workload, with no hold.</summary>
    internal Task<ForkWatch> WatchAsync(Func<ForkWatchSpec, ForkWatchSpec>? with = null, string name = App) =>
        Resources.CreateAsync(Cluster, Namespace, name, (with ?? (spec => spec))(Workloads.Spec()));

    /// <summary>A ClusterForkWatch; it is deleted with the stage.</summary>
    internal Task<ClusterForkWatch> ClusterWatchAsync(ClusterForkWatchSpec spec)
    {
        var name = $"of-{Namespace}";
        _clusterWatches.Add(name);
        return Resources.CreateAsync(Cluster, name, spec);
    }

    internal Task<ForkWatch> WatchNowAsync(string name = App) => Resources.ReadWatchAsync(Cluster, Namespace, name);

    /// <summary>Waits until the watch's status is as it should be.</summary>
    internal async Task<WatchStatus> StatusAsync(
        Func<WatchStatus, bool> holds,
        string description,
        string name = App,
        TimeSpan? within = null
    )
    {
        WatchStatus? last = null;
        try
        {
            await Condition.HoldsAsync(
                async _ => (last = (await WatchNowAsync(name)).Status) is { } status && holds(status),
                description,
                within,
                Cancelled
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; status: {JsonSerializer.Serialize(last)}", late);
        }

        return last!;
    }

    /// <summary>The restart records of the namespace.</summary>
    internal Task<IReadOnlyList<ForkRestart>> RecordsAsync() => Resources.ListRecordsAsync(Cluster, Namespace);

    /// <summary>Waits until the only record is as it should be.</summary>
    internal async Task<ForkRestartStatus> RecordAsync(
        Func<ForkRestartStatus, bool> holds,
        string description,
        TimeSpan? within = null
    )
    {
        IReadOnlyList<ForkRestart> last = [];
        try
        {
            await Condition.HoldsAsync(
                async _ => (last = await RecordsAsync()) is [{ Status: { } status }] && holds(status),
                description,
                within,
                Cancelled
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; records: {JsonSerializer.Serialize(last)}", late);
        }

        return last[0].Status!;
    }

    /// <summary>Waits until a wanted restart is held back for a reason.</summary>
    internal async Task<string> SuppressedAsync(string reason, string name = App, TimeSpan? within = null) =>
        (
            await StatusAsync(
                status =>
                    status.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "True" } && c.Reason == reason)
                    == true,
                $"a restart held back by {reason}",
                name,
                within
            )
        )
            .Conditions!.First(c => c.Type == "ActionSuppressed")
            .Message!;

    /// <summary>The events about an object, by reason.</summary>
    internal async Task<IReadOnlyList<Eventsv1Event>> EventsAsync(string regardingUid, string? reason = null) =>
        [
            .. (await Admin.EventsV1.ListEventForAllNamespacesAsync(cancellationToken: Cancelled)).Items.Where(e =>
                e.Regarding.Uid == regardingUid && (reason is null || e.Reason == reason)
            ),
        ];

    /// <summary>Waits for an event.</summary>
    internal async Task<Eventsv1Event> EventAsync(string regardingUid, string reason, TimeSpan? within = null)
    {
        IReadOnlyList<Eventsv1Event> found = [];
        await Condition.HoldsAsync(
            async _ => (found = await EventsAsync(regardingUid, reason)).Count > 0,
            $"an event {reason}",
            within,
            Cancelled
        );
        return found[0];
    }

    /// <summary>Is the node's agent: writes what it would have measured just now.</summary>
    internal Task ReportAsync(params IReadOnlyList<ProcessReport> processes) =>
        AgentReports.WriteAsync(this, processes);

    /// <summary>Is the node's agent for as long as the result is not disposed of: writes again and again.</summary>
    internal Reporter KeepReporting(params IReadOnlyList<ProcessReport> processes) => new(this, processes);

    public async ValueTask DisposeAsync()
    {
        // Watches first, so that nothing is decided about what is deleted after them.
        foreach (var name in _clusterWatches)
        {
            await TryAsync(
                Admin.CustomObjects.DeleteClusterCustomObjectAsync(
                    ForkGuardApi.Group,
                    ForkGuardApi.Version,
                    "clusterforkwatches",
                    name
                )
            );
        }

        await TryAsync(DeleteAllAsync("forkwatches"));
        await TryAsync(Admin.AppsV1.DeleteCollectionNamespacedDeploymentAsync(Namespace));
        await TryAsync(Admin.AppsV1.DeleteCollectionNamespacedStatefulSetAsync(Namespace));
        await TryAsync(Admin.AppsV1.DeleteCollectionNamespacedDaemonSetAsync(Namespace));
        await TryAsync(Admin.CoreV1.DeleteCollectionNamespacedPodAsync(Namespace, gracePeriodSeconds: 0));
        await TryAsync(DeleteAllAsync("forkrestarts"));
        await TryAsync(
            Admin.CustomObjects.DeleteClusterCustomObjectAsync(
                ForkGuardApi.Group,
                ForkGuardApi.Version,
                "nodeforkreports",
                Node
            )
        );
        await TryAsync(Admin.CoreV1.DeleteNodeAsync(Node));
        await TryAsync(Admin.CoreV1.DeleteNamespaceAsync(Namespace));
    }

    private Task<object> DeleteAllAsync(string plural) =>
        Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            Namespace,
            plural
        );

    /// <summary>A test may have deleted it, or stopped the server.</summary>
    private static async Task TryAsync(Task deletion)
    {
        try
        {
            await deletion;
        }
        catch (Exception failed)
            when (failed is HttpOperationException or HttpRequestException or TaskCanceledException)
        {
            TestContext.Current.SendDiagnosticMessage("not deleted: {0}", failed.Message);
        }
    }

    /// <summary>What the kubelet reports about a pod that runs.</summary>
    internal Task SetReadyAsync(V1Pod pod, bool isReady)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        return Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                $$$"""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{isReady}}}","lastTransitionTime":"{{{time}}}"}]}}""",
                V1Patch.PatchType.StrategicMergePatch
            ),
            pod.Metadata.Name,
            Namespace,
            cancellationToken: Cancelled
        );
    }
}
