using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>The live node, and restarts that rollouts superseded.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartHistoryTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_node_that_was_cordoned_while_the_cache_lags_keeps_its_pods()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var cordoned = 0;
        var ended = new TaskCompletionSource();
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                if (!Interceptor.IsTo(request, "GET", "/nodes"))
                {
                    return null;
                }

                var query = request.RequestUri!.Query;
                if (query.Contains("watch=true", StringComparison.Ordinal))
                {
                    // The cache keeps what its list had.
                    await ended.Task;
                }
                else if (
                    query.Contains("fieldSelector", StringComparison.Ordinal)
                    && Interlocked.Exchange(ref cordoned, 1) == 0
                )
                {
                    await cluster.Admin.CoreV1.PatchNodeAsync(
                        new V1Patch("""{"spec":{"unschedulable":true}}""", V1Patch.PatchType.MergePatch),
                        stage.Node,
                        cancellationToken: Stage.Cancelled
                    );
                }

                return null;
            }
        );
        var requests = new RequestLog();
        await using var controller = new RunningController(
            cluster,
            () => [.. interceptor.Handlers(), .. requests.Handlers()]
        );
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("NodeDraining");

        ended.SetResult();
        Assert.Equal(1, cordoned);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_rollout_during_a_restart_supersedes_it_and_the_third_one_in_a_row_counts_as_one_that_did_not_help()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, restart => restart with { MaxIneffectiveRestarts = 1, CooldownSeconds = 600 })
        );
        await RecordAsync(stage, superseded: 2);
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");

        await cluster.Admin.AppsV1.PatchNamespacedDeploymentAsync(
            new V1Patch(
                """{"spec":{"template":{"metadata":{"annotations":{"forkguard.io/rollout":"again"}}}}}""",
                V1Patch.PatchType.MergePatch
            ),
            Stage.App,
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );

        var record = await stage.RecordAsync(
            r => r.Result == RestartResult.Superseded,
            "a restart that was superseded"
        );
        Assert.Equal(3, record.History!.Count);
        await stage.FinishAsync(pods[0]);
        agent.Processes = [Workloads.Process(pods[1], 96)];
        await stage.SuppressedAsync("GaveUp");
        Assert.False(await stage.IsRemovedAsync(pods[1]));
    }

    /// <summary>A record of the workload with restarts that were superseded hours ago.</summary>
    private Task RecordAsync(Stage stage, int superseded)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Resources.CreateRecordAsync(
            cluster,
            stage.Namespace,
            new RestartOwner
            {
                ApiVersion = "apps/v1",
                Kind = "Deployment",
                Name = Stage.App,
            },
            new ForkRestartStatus
            {
                State = RestartState.Idle,
                History =
                [
                    .. Enumerable
                        .Range(1, superseded)
                        .Select(hours => new PastRestart
                        {
                            Pod = new PodReference { Namespace = stage.Namespace, Name = $"{Stage.App}-{hours}" },
                            Watch = $"ForkWatch {stage.Namespace}/{Stage.App}",
                            Method = RestartMethod.Evict,
                            DecidedTime = now.AddHours(-hours),
                            EndedTime = now.AddHours(-hours).AddMinutes(1),
                            Result = RestartResult.Superseded,
                            Message = "the pod template of the workload was changed",
                        }),
                ],
            }
        );
    }
}
