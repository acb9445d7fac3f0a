using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>One leak from its begin to its end: a namespace, a node with kubelet and agent, a workload of three pods, and a watch.</summary>
internal sealed class Story : IAsyncDisposable
{
    internal const string Watch = "leaks";

    // A call that is made again, a term that changes hands and an API server that starts, on a machine with other work.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly FaultCluster _cluster;
    private readonly V1Node _node;
    private long _faultEnded;

    private Story(FaultCluster cluster, string ns, V1Node node, int replicas)
    {
        _cluster = cluster;
        Namespace = ns;
        _node = node;
        Replicas = replicas;
        Kubelet = new Kubelet(cluster.Plane, ns);
        Agent = new Agent(cluster.Plane, NodeName, Kubelet);
        Allowed = new AllowedTimes();
    }

    internal string Namespace { get; }

    internal string NodeName => _node.Metadata.Name;

    internal int Replicas { get; set; }

    internal Kubelet Kubelet { get; }

    internal Agent Agent { get; }

    /// <summary>When restarts were allowed, as the test made it.</summary>
    internal AllowedTimes Allowed { get; }

    /// <summary>The story ends with the replacement, because the proof takes too long to wait for.</summary>
    internal bool EndsWithReplacement { get; set; }

    internal ControlPlane Plane => _cluster.Plane;

    internal IKubernetes Admin => _cluster.Plane.Admin;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Makes everything, with no pod at risk.</summary>
    internal static async Task<Story> BeginAsync(FaultCluster cluster, bool isStatefulSet = false, int replicas = 3)
    {
        var ns = await cluster.Plane.CreateNamespaceAsync("story");
        var node = Nodes.New($"node-of-{ns}");
        await Nodes.CreateAsync(cluster.Plane.Admin, node, Cancelled);
        var story = new Story(cluster, ns, node, replicas);
        if (isStatefulSet)
        {
            await story.Admin.AppsV1.CreateNamespacedStatefulSetAsync(
                Workloads.StatefulSet(story.NodeName, replicas),
                ns,
                cancellationToken: Cancelled
            );
        }
        else
        {
            await story.Admin.AppsV1.CreateNamespacedDeploymentAsync(
                Workloads.Deployment(replicas, story.NodeName),
                ns,
                cancellationToken: Cancelled
            );
        }

        await story.Kubelet.ReadyAsync(replicas, Limit);
        await story.WatchAsync();
        return story;
    }

    /// <summary>Two pods reach the level: one must be restarted, and the other one must wait for the cooldown.</summary>
    internal void Leak()
    {
        foreach (var pod in Kubelet.Live.OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal).Take(2))
        {
            Agent.Leak(pod, 95);
        }
    }

    internal Task<ForkWatch> WatchAsync() =>
        Resources.CreateAsync(_cluster.Plane, Namespace, Watch, Workloads.Restarting(Workloads.Spec()));

    /// <summary>The time to recover counts from the last call of this.</summary>
    internal void FaultEnds() => _faultEnded = Stopwatch.GetTimestamp();

    /// <summary>Waits until the restart has come to its end, and checks the whole story.</summary>
    internal async Task<Outcome> EndAsync(params IReadOnlyList<RestartResult> expected)
    {
        var begun = Stopwatch.GetTimestamp();
        string? lost = null;
        try
        {
            await Poll.HoldsAsync(async () => (lost = await UnfinishedAsync()) is null, "the end", Limit);
        }
        catch (TimeoutException)
        {
            // The checker counts it.
        }

        var recovered = Stopwatch.GetElapsedTime(_faultEnded == 0 ? begun : _faultEnded);
        await AnsweredAsync();
        var held = lost is null ? await HeldBackAsync() : null;
        var check = await CheckAsync();
        return check.Outcome(lost ?? held, recovered, expected);
    }

    /// <summary>Waits until the record is in a state.</summary>
    internal Task StateAsync(RestartState state) =>
        Poll.HoldsAsync(
            async () => (await RecordsAsync()).Any(record => record.Status?.State == state),
            $"a record that is {state}",
            Limit
        );

    internal Task<IReadOnlyList<ForkRestart>> RecordsAsync() => Resources.ListRecordsAsync(_cluster.Plane, Namespace);

    /// <summary>Waits until no restart is in progress.</summary>
    internal Task AtRestAsync() =>
        Poll.HoldsAsync(
            async () => (await RecordsAsync()).All(record => record.Status is not { Restart: not null }),
            "no restart in progress",
            Limit
        );

    internal async Task<RestartCheck> CheckAsync() =>
        new(
            await AuditLog.ReadAsync(_cluster.Plane.AuditLog, Namespace),
            [_cluster.First.User, _cluster.Second.User],
            Kubelet.Removed,
            await RecordsAsync(),
            Agent.IsLeaking,
            Allowed
        );

    public async ValueTask DisposeAsync()
    {
        await Quietly(() => Resources.DeleteWatchAsync(_cluster.Plane, Namespace, Watch));
        foreach (var record in await RecordsAsync())
        {
            await Quietly(() => Resources.DeleteRecordAsync(_cluster.Plane, Namespace, record.Metadata!.Name!));
        }

        await Agent.DisposeAsync();
        await Quietly(() => Admin.AppsV1.DeleteNamespacedDeploymentAsync(Stage.App, Namespace));
        await Quietly(() => Admin.AppsV1.DeleteNamespacedStatefulSetAsync("redis-set", Namespace));
        await Quietly(() =>
            Poll.HoldsAsync(() => Task.FromResult(Kubelet.Live.Count == 0), "no pod", TimeSpan.FromSeconds(20))
        );
        await Kubelet.DisposeAsync();
        await Quietly(() => Admin.CoreV1.DeleteNodeAsync(NodeName));
        await Quietly(() => Admin.CoreV1.DeleteNamespaceAsync(Namespace));
    }

    /// <summary>A request without an answer may be a dry run: what it was is in the audit log once it has one.</summary>
    private async Task AnsweredAsync()
    {
        try
        {
            await Poll.HoldsAsync(
                async () =>
                    (await AuditLog.ReadAsync(_cluster.Plane.AuditLog, Namespace)).All(request =>
                        request.Code is not null
                    ),
                "answers",
                TimeSpan.FromSeconds(10)
            );
        }
        catch (TimeoutException)
        {
            // The API server was killed before it answered.
        }
    }

    /// <summary>Null once nothing is in progress and the leak is cured: a pod was restarted, or none leaks any more.</summary>
    private async Task<string?> UnfinishedAsync()
    {
        var records = await RecordsAsync();
        if (records.FirstOrDefault(IsInProgress) is { } open)
        {
            var status = JsonSerializer.Serialize(open.Status! with { History = null, Conditions = null });
            return $"the record stays {open.Status!.State}: {status}";
        }

        var isLeaking = Kubelet.Live.Any(pod => Agent.IsLeaking(pod.Metadata.Uid));
        if (isLeaking && (await CheckAsync()).Restarts.Count == 0)
        {
            var watch = await Resources.ReadWatchAsync(_cluster.Plane, Namespace, Watch);
            var reason = watch.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "ActionSuppressed");
            return $"a leak that no restart follows: {reason?.Reason} {reason?.Message}";
        }

        return Kubelet.Live.Count(Kubelet.IsReady) == Replicas ? null : "a replacement that is missing";
    }

    private bool IsInProgress(ForkRestart record) =>
        record.Status is { Restart: not null } status && !(EndsWithReplacement && status.State == RestartState.Proving);

    /// <summary>The other pod that leaks had its chance to be restarted, and the watch names the reason why it was not.</summary>
    private async Task<string?> HeldBackAsync()
    {
        if (!Kubelet.Live.Any(pod => Agent.IsLeaking(pod.Metadata.Uid)))
        {
            return null;
        }

        try
        {
            await Poll.HoldsAsync(
                async () =>
                    (await Resources.ReadWatchAsync(_cluster.Plane, Namespace, Watch)).Status?.Conditions?.Any(
                        condition => condition is { Type: "ActionSuppressed", Status: "True" }
                    ) == true,
                "a reason",
                Limit
            );
            return null;
        }
        catch (TimeoutException)
        {
            return "a restart that is held back without a reason";
        }
    }

    private static async Task Quietly(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception failed)
            when (failed is HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound } or TimeoutException)
        {
            // The story removed it.
        }
    }
}
