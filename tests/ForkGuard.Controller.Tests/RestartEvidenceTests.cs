using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>Readings that are too young, too old or of another limit, so that no restart may follow from them.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartEvidenceTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_pod_that_the_newest_report_does_not_name_is_not_restarted_by_an_earlier_one()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync(1);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.SuppressedAsync("MinReadyReplicas");

        // A list that is cut off above the pod's percentage: no recovery, and no evidence.
        agent.With = status => status with { OmittedBelowPercent = 99 };
        agent.Processes = [];

        await stage.StatusAsync(
            s => s.PodsAtRisk == 1 && s.Conditions!.Any(c => c is { Type: "ActionSuppressed", Status: "False" }),
            "a pod at risk whose restart is not wanted"
        );
        Assert.Empty(requests.Bodies("POST", "/eviction"));
    }

    [Fact]
    public async Task A_pod_of_a_node_that_stopped_reporting_stays()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync(1);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using (stage.KeepReporting(Workloads.Process(pods[0], 20)))
        {
            await stage.StatusAsync(s => s.WorstPercent == 20, "a report");
        }

        await SetScanSecondsAsync(stage, 3);
        await using (stage.KeepReporting(Workloads.Process(pods[0], 95)))
        {
            await stage.SuppressedAsync("MinReadyReplicas");
        }

        var message = await stage.SuppressedAsync("StaleReading", within: TimeSpan.FromSeconds(90));
        Assert.Contains("(three scans are 9 s)", message, StringComparison.Ordinal);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
    }

    [Fact]
    public async Task A_limit_that_has_just_changed_evicts_nothing()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 20));
        await stage.StatusAsync(s => s.WorstPercent == 20, "a report under the earlier limit");

        agent.With = status => status with { Kernel = status.Kernel! with { LimitBytes = Stage.Limit / 2 } };
        agent.Processes = [Workloads.Process(pods[0], 95)];

        await stage.SuppressedAsync("LimitChanged");
        Assert.Empty(requests.Bodies("POST", "/eviction"));
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_pod_is_evicted_only_after_the_level_lasted_for_the_hold()
    {
        const int HoldSeconds = 8;
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec) with { HoldSeconds = HoldSeconds });
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 20));
        await stage.StatusAsync(s => s.WorstPercent == 20, "a report below the level");
        var start = TimeProvider.System.GetUtcNow();

        agent.Processes = [Workloads.Process(pods[0], 95)];

        var record = await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        // Times of the record have whole seconds.
        Assert.InRange(
            record.Restart!.DecidedTime - start,
            TimeSpan.FromSeconds(HoldSeconds - 1),
            TimeSpan.FromMinutes(1)
        );
    }

    private Task<object> SetScanSecondsAsync(Stage stage, int seconds) =>
        cluster.Admin.CustomObjects.PatchClusterCustomObjectAsync(
            new V1Patch($$$"""{"spec":{"scanSeconds":{{{seconds}}}}}""", V1Patch.PatchType.MergePatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            "nodeforkreports",
            stage.Node,
            cancellationToken: Stage.Cancelled
        );
}
