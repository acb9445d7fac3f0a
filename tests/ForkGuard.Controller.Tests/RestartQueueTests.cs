using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>Decisions beside other work: slow ones, those in a later term, and long lists.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartQueueTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_decision_that_waits_for_the_API_server_holds_up_no_status()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var reached = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                if (Interceptor.IsTo(request, "GET", $"/deployments/{Stage.App}"))
                {
                    reached.TrySetResult();
                    await released.Task;
                }

                return null;
            }
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await stage.WatchAsync(name: "other");
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Stage.Cancelled);

        agent.Processes = [Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 101)];
        await stage.StatusAsync(s => s.PodsAtRisk == 2, "the status of the watch that waits");
        await stage.StatusAsync(s => s.PodsAtRisk == 2, "the status of another watch", "other");
        Assert.False(await stage.IsRemovedAsync(pods[0]));

        released.SetResult();
    }

    [Fact]
    public async Task A_list_that_fails_holds_back_its_restart_alone()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var interceptor = new Interceptor(
            (request, _) =>
                Task.FromResult(
                    Interceptor.IsTo(request, "GET", "/poddisruptionbudgets")
                        ? new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError)
                        {
                            Content = new StringContent("etcdserver: request timed out"),
                        }
                        : null
                )
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await stage.WatchAsync(name: "other");
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("Unavailable", within: TimeSpan.FromSeconds(90));

        agent.Processes = [Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 101)];
        await stage.StatusAsync(s => s.PodsAtRisk == 2, "the status of another watch", "other");
        Assert.False(controller.Ended.IsCompleted);
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_record_of_a_later_term_of_the_same_Lease_ends_the_term_and_the_next_one_comes_after_it()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster, leaseNamespace: stage.Namespace);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        var record = (await stage.RecordsAsync())[0];

        await Resources.PatchRecordStatusAsync(
            cluster,
            stage.Namespace,
            record.Metadata!.Name!,
            """{"status":{"writer":{"leaseTransitions":1000}}}"""
        );

        await Assert.ThrowsAsync<LeadershipLostException>(() =>
            controller.Ended.WaitAsync(TimeSpan.FromMinutes(1), Stage.Cancelled)
        );
        var slow = RunningController.Quick with
        {
            Times = RunningController.Quick.Times with { MinProof = TimeSpan.FromMinutes(2) },
        };
        await using var next = new RunningController(cluster, leaseNamespace: stage.Namespace, restarts: slow);
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        var taken = await stage.RecordAsync(r => r.State == RestartState.Proving, "the same restart, followed again");
        Assert.Equal(1001, taken.Writer?.LeaseTransitions);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        const string First =
            """{"metadata":{"continue":"next","resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}""";
        const string Second = """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"b"}}]}""";
        var queries = new List<string>();
        var interceptor = new Interceptor(
            (request, _) =>
            {
                queries.Add(request.RequestUri!.Query);
                var page = request.RequestUri.Query.Contains("continue=next", StringComparison.Ordinal)
                    ? Second
                    : First;
                return Task.FromResult<HttpResponseMessage?>(
                    new HttpResponseMessage { Content = new StringContent(page) }
                );
            }
        );
        using var client = new ApiClient(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig),
            interceptor.Handlers()
        );
        var reader = new ClusterReader(client, new ApiPipeline(TimeProvider.System));

        var found = await reader.ListAsync(Kinds.Nodes, Stage.Cancelled);

        Assert.Equal(["a", "b"], found.Select(node => node.Metadata!.Name), StringComparer.Ordinal);
        Assert.Equal(["?limit=500", "?limit=500&continue=next"], queries, StringComparer.Ordinal);
    }
}
