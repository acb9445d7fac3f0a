using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>What holds a restart back that is not in its watch: lost answers, other installations, records, the switch, nodes.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartRecordTests(ControlPlane cluster)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_with_an_unknown_answer_is_made_again_for_the_same_pod_and_never_for_another(bool isDone)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var failed = 0;
        var asked = new List<string>();
        var interceptor = new Interceptor(
            async (request, body) =>
            {
                if (
                    !Interceptor.IsTo(request, "POST", "/eviction") || body.Contains("dryRun", StringComparison.Ordinal)
                )
                {
                    return null;
                }

                var pod = request.RequestUri!.Segments[^2].TrimEnd('/');
                asked.Add(pod);
                if (Interlocked.Increment(ref failed) > 2)
                {
                    return null;
                }

                if (isDone)
                {
                    await cluster.Admin.CoreV1.DeleteNamespacedPodAsync(
                        pod,
                        stage.Namespace,
                        cancellationToken: Stage.Cancelled
                    );
                }

                return new HttpResponseMessage(HttpStatusCode.InternalServerError)
                {
                    RequestMessage = request,
                    Content = new StringContent("etcdserver: request timed out"),
                };
            }
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 95));

        var record = await stage.RecordAsync(
            r => r.State == RestartState.Replacing,
            "a restart that was accepted",
            TimeSpan.FromSeconds(60)
        );
        await stage.SuppressedAsync("SiblingTerminating");

        Assert.Equal(isDone ? 1 : 3, record.Restart!.CallCount);
        Assert.All(asked, name => Assert.Equal(record.Restart.Pod.Name, name));
        Assert.Single(pods, pod => stage.IsRemovedAsync(pod).GetAwaiter().GetResult());
    }

    [Fact]
    public async Task A_second_installation_that_is_alive_is_a_conflict()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var second = await cluster.CreateNamespaceAsync("second");
        var pods = await stage.DeployAsync(3);
        await using var first = new RunningController(cluster);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 95));
        var record = await stage.RecordAsync(r => r.State == RestartState.Replacing, "the restart by the first");
        await stage.FinishAsync(pods.First(pod => pod.Metadata.Uid == record.Restart!.Pod.Uid));
        await stage.RunPodsAsync(3);
        var requests = new RequestLog();
        await using var other = new RunningController(cluster, requests.Handlers, leaseNamespace: second);
        await Condition.HoldsAsync(() => other.Health.Readiness().Ok, "the caches of the second", Stage.Cancelled);

        await stage.RecordAsync(r => r.State == RestartState.Idle, "the end of the restart");

        Assert.Empty(requests.Bodies("POST", "/eviction"));
        Assert.DoesNotContain(
            requests.Requests,
            request =>
                request.Method == "PUT" && request.Uri.AbsolutePath.Contains("/forkrestarts/", StringComparison.Ordinal)
        );
        Assert.Equal("default", (await stage.RecordsAsync())[0].Status!.Writer!.LeaseNamespace);
    }

    [Fact]
    public async Task A_record_of_a_Lease_that_was_deleted_is_taken_over()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await using (new RunningController(cluster, leaseNamespace: stage.Namespace))
        {
            await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        }

        await cluster.KubectlAsync("delete", "lease", ControllerOptions.LeaseName, "-n", stage.Namespace);
        await using var next = new RunningController(cluster, leaseNamespace: stage.Namespace);
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];

        await stage.RecordAsync(
            r => r.Result == RestartResult.Helped,
            "the end of the restart",
            TimeSpan.FromSeconds(60)
        );
    }

    [Fact]
    public async Task Deleting_the_watch_does_not_end_its_cooldown()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(
            spec => Workloads.Restarting(spec, restart => restart with { CooldownSeconds = 86_400 }),
            "slow"
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(3);
        agent.Processes = [];
        await stage.RecordAsync(r => r.State == RestartState.Idle, "the end of the restart");

        await cluster.KubectlAsync("delete", "forkwatch", "slow", "-n", stage.Namespace);
        await stage.WatchAsync(
            spec => Workloads.Restarting(spec, restart => restart with { CooldownSeconds = 600 }),
            "fast"
        );
        agent.Processes = [Workloads.Process(pods[1], 95)];

        var message = await stage.SuppressedAsync("Cooldown", "fast");
        Assert.Contains(
            $"of the cooldown of ForkWatch {stage.Namespace}/slow are left",
            message,
            StringComparison.Ordinal
        );
        Assert.False(await stage.IsRemovedAsync(pods[1]));
    }

    [Fact]
    public async Task Restarts_stop_at_once_when_the_ConfigMap_switches_them_off()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster, leaseNamespace: stage.Namespace);
        await cluster.KubectlAsync(
            "create",
            "configmap",
            "forkguard-controller",
            "--from-literal=restarts=Off",
            "-n",
            stage.Namespace
        );
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("SwitchedOff");
        Assert.False(await stage.IsRemovedAsync(pods[0]));

        await cluster.KubectlAsync(
            "patch",
            "configmap",
            "forkguard-controller",
            "--patch",
            """{"data":{"restarts":"On"}}""",
            "-n",
            stage.Namespace
        );
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            TimeSpan.FromSeconds(60),
            Stage.Cancelled
        );
    }

    [Fact]
    public async Task A_pod_on_a_node_that_is_not_Ready_stays()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.SetNodeReadyAsync(isReady: false);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("NodeNotReady");
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }
}
