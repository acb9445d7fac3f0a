using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>Restarts that must go on: without events, beside unreadable records, across a mode change; and what they cost.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartFaultTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_server_that_takes_no_events_holds_no_restart_up()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var interceptor = new Interceptor(
            (request, _) =>
                Task.FromResult(
                    request.RequestUri!.AbsolutePath.Contains("/events", StringComparison.Ordinal)
                        ? new HttpResponseMessage(HttpStatusCode.InternalServerError)
                        {
                            RequestMessage = request,
                            Content = new StringContent("no events"),
                        }
                        : null
                )
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        await stage.RecordAsync(r => r.Result == RestartResult.Helped, "the outcome");
    }

    [Fact]
    public async Task A_record_of_a_later_version_blocks_only_its_own_workload()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using (new RunningController(cluster))
        {
            await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
            await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        }

        await stage.FinishAsync(pods[0]);
        pods = await stage.RunPodsAsync(2);
        var name = (await stage.RecordsAsync())[0].Metadata!.Name!;
        await Resources.PatchRecordStatusAsync(
            cluster,
            stage.Namespace,
            name,
            """{"status":{"state":"Weighing","restart":null}}"""
        );
        await stage.DeployOtherKindsAsync();
        var others = (await stage.RunPodsAsync(4)).Where(pod => pods.All(p => p.Metadata.Uid != pod.Metadata.Uid));
        var set = others.First(pod => pod.Metadata.Name.StartsWith("redis-set", StringComparison.Ordinal));
        await stage.WatchAsync(
            spec => Workloads.Restarting(spec, restart => restart with { MinReadyReplicas = 0 }),
            "single"
        );

        await using var second = new RunningController(cluster);
        await using var again = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.SuppressedAsync("Conflict");
        again.Processes = [Workloads.Process(set, 96), Workloads.Process(pods[0], 95)];

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(set),
            "the other workload is restarted",
            cancellationToken: Stage.Cancelled
        );
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("cancelled")]
    [InlineData("not a list")]
    public async Task A_connection_that_breaks_holds_back_its_restart_alone(string fault)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var interceptor = new Interceptor(
            (request, _) =>
                request.RequestUri!.AbsolutePath.EndsWith($"/deployments/{Stage.App}", StringComparison.Ordinal)
                    ? fault switch
                    {
                        "closed" => throw new IOException("the connection was closed"),
                        "cancelled" => throw new TaskCanceledException("the call was given up"),
                        _ => throw new InvalidOperationException("the answer is no list"),
                    }
                    : Task.FromResult<HttpResponseMessage?>(null)
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("Unavailable");

        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_mode_that_changes_during_the_proof_proves_nothing()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var slow = RunningController.Quick with
        {
            Times = RunningController.Quick.Times with { MinProof = TimeSpan.FromMinutes(2) },
        };
        await using var controller = new RunningController(cluster, restarts: slow);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        await stage.RecordAsync(r => r.State == RestartState.Proving, "a replacement");

        agent.With = status =>
            status with
            {
                Kernel = new KernelReport { Release = "6.18.0", OvercommitMode = 1 },
            };

        await stage.RecordAsync(r => r.Result == RestartResult.Unproven, "a restart that nothing proves");
    }

    [Fact]
    public async Task While_the_pod_takes_its_grace_period_nothing_is_called_suppressed()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");

        // The pod is reported until it is gone, also to a controller that has just started.
        agent.Processes = [Workloads.Process(pods[0], 100)];
        await stage.StatusAsync(s => s.WorstPercent == 100, "a report of the pod that ends");
        await controller.DisposeAsync();
        await using var next = new RunningController(cluster);
        agent.Processes = [Workloads.Process(pods[0], 92)];
        await stage.StatusAsync(
            s => s.WorstPercent == 92,
            "a report to the next controller",
            within: TimeSpan.FromSeconds(60)
        );

        Assert.Empty(await stage.EventsAsync(pods[0].Metadata.Uid, "ForkRestartSuppressed"));
    }

    [Fact]
    public async Task A_closed_window_costs_no_requests()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync(3);
        var start = TimeProvider.System.GetUtcNow().AddHours(6);
        var window = new RestartWindow { Start = $"{start:HH:mm}", End = $"{start.AddHours(1):HH:mm}" };
        await stage.WatchAsync(spec => Workloads.Restarting(spec, restart => restart with { Windows = [window] }));
        await using var agent = stage.KeepReporting([.. pods.Select(pod => Workloads.Process(pod, 95))]);

        await stage.SuppressedAsync("OutsideWindow");
        agent.Processes = [.. pods.Select(pod => Workloads.Process(pod, 98))];
        await stage.StatusAsync(s => s.WorstPercent == 98, "later reports", within: TimeSpan.FromSeconds(90));

        Assert.DoesNotContain(requests.Requests, IsReadOfPod);
    }

    [Fact]
    public async Task Owners_that_own_each_other_are_followed_for_five_links()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        var (first, second) = (await SetAsync(stage, "one", replicas: 2), await SetAsync(stage, "two", replicas: 0));
        await OwnAsync(stage, "one", second);
        await OwnAsync(stage, "two", first);
        var pods = await stage.RunPodsAsync(2);
        await using var controller = new RunningController(cluster, requests.Handlers);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction, by the owner at which the walk ends",
            cancellationToken: Stage.Cancelled
        );

        var reads = requests.Requests.Count(request =>
            request.Method == "GET" && request.Uri.AbsolutePath.Contains("/replicasets/", StringComparison.Ordinal)
        );
        Assert.InRange(reads, 5, 50);
    }

    private static bool IsReadOfPod(LoggedRequest request) =>
        request.Method == "GET" && request.Uri.AbsolutePath.Contains("/pods/", StringComparison.Ordinal);

    private async Task<V1ReplicaSet> SetAsync(Stage stage, string name, int replicas) =>
        await cluster.Admin.AppsV1.CreateNamespacedReplicaSetAsync(
            Workloads.ReplicaSet(name, replicas, stage.Node),
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );

    private Task<V1ReplicaSet> OwnAsync(Stage stage, string name, V1ReplicaSet owner) =>
        cluster.Admin.AppsV1.PatchNamespacedReplicaSetAsync(
            new V1Patch(
                KubernetesJson.Serialize(new { metadata = new { ownerReferences = new[] { OwnerOf(owner) } } }),
                V1Patch.PatchType.MergePatch
            ),
            name,
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );

    private static V1OwnerReference OwnerOf(V1ReplicaSet set) =>
        new()
        {
            ApiVersion = "apps/v1",
            Kind = "ReplicaSet",
            Name = set.Metadata.Name,
            Uid = set.Metadata.Uid,
            Controller = true,
        };
}
