using System.Diagnostics;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>Two controllers: one acts.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class LeaderTests(ControlPlane cluster)
{
    [Fact]
    public async Task Of_two_controllers_one_writes_and_the_other_takes_over()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync();
        var first = new RequestLog();
        var second = new RequestLog();
        var leader = new RunningController(cluster, first.Handlers);
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 75));
        await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");
        await using var standby = new RunningController(cluster, second.Handlers);
        await Condition.HoldsAsync(() => standby.Health.Readiness().Ok, "the standby's caches", Stage.Cancelled);
        Assert.Empty(WritesOf(second));

        await leader.DisposeAsync();
        var stopped = Stopwatch.GetTimestamp();
        agent.Processes = [];
        await stage.EventAsync(pod.Metadata.Uid, "ForkRecovered", TimeSpan.FromSeconds(20));

        TestContext.Current.TestOutputHelper!.WriteLine($"taken over after {Stopwatch.GetElapsedTime(stopped)}");
        Assert.NotEmpty(WritesOf(second));
    }

    [Fact]
    public async Task While_the_API_server_is_away_readiness_names_it_liveness_holds_and_afterwards_all_goes_on()
    {
        Assert.SkipWhen(cluster.Pids.Count == 0, "KUBECONFIG names a cluster that is not the tests' own to stop");
        await using var stage = await Stage.CreateAsync(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync();
        await using var controller = new RunningController(cluster);
        await stage.ReportAsync(Workloads.Process(pod, 20));
        await Condition.HoldsAsync(() => controller.Health.Readiness().Ok, "readiness", Stage.Cancelled);

        await cluster.StopApiServerAsync();
        await Condition.HoldsAsync(
            () =>
                controller.Health.Readiness() is { Ok: false, Text: var named }
                && named.Contains("forkwatches.forkguard.io has been disconnected", StringComparison.Ordinal),
            "unreadiness that names a cache",
            Stage.Cancelled
        );
        var alive = controller.Health.Liveness();
        await cluster.StartApiServerAsync();

        Assert.True(alive.Ok, alive.Text);
        await Condition.HoldsAsync(
            () => controller.Ended.IsCompleted || controller.Health.Readiness().Ok,
            "readiness again, or the end of a controller that lost its lease",
            Stage.Cancelled
        );
        await using var next = controller.Ended.IsCompleted ? new RunningController(cluster) : null;
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 75));
        await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk", TimeSpan.FromSeconds(60));
    }

    private static IEnumerable<LoggedRequest> WritesOf(RequestLog log) =>
        log.Requests.Where(request =>
            request.Method != "GET" && !request.Uri.AbsolutePath.Contains("/leases", StringComparison.Ordinal)
        );
}
