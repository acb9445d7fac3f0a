using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>What is said, and when: on the pod, on the watch, in its status.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class RiskTests(ControlPlane cluster)
{
    [Fact]
    public async Task Above_the_warning_for_the_hold_there_is_one_event_on_the_pod_and_one_on_the_watch_and_recovery_says_so_once()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        var watch = await stage.WatchAsync(spec => spec with { HoldSeconds = 2 });
        await using (var agent = stage.KeepReporting(Workloads.Process(pod, 75)))
        {
            var onPod = await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");
            var onWatch = await stage.EventAsync(watch.Metadata!.Uid!, "ForkAtRisk");

            Assert.Equal("Warning", onPod.Type);
            Assert.Equal("redis", onPod.Related.Name);
            Assert.Contains("container redis, redis-server", onPod.Note, StringComparison.Ordinal);
            Assert.Contains("75 % of the limit", onPod.Note, StringComparison.Ordinal);
            Assert.Contains("mode 0", onPod.Note, StringComparison.Ordinal);
            Assert.Contains($"pod {stage.Namespace}/{pod.Metadata.Name}", onWatch.Note, StringComparison.Ordinal);

            var status = await stage.StatusAsync(s => s.PodsAtRisk == 1, "one pod at risk");
            Assert.Equal(75, status.WorstPercent);
            Assert.Equal(pod.Metadata.Uid, Assert.Single(status.Targets!).Pod!.Uid);
            Assert.Contains(status.Conditions!, c => c is { Type: "AtRisk", Status: "True", Reason: "ForkAtRisk" });
            agent.Processes = [Workloads.Process(pod, 40)];
            await stage.EventAsync(pod.Metadata.Uid, "ForkRecovered");
            await stage.StatusAsync(s => s.PodsAtRisk == 0, "no pod at risk");
        }

        foreach (var reason in new[] { "ForkAtRisk", "ForkRecovered" })
        {
            var on = Assert.Single(await stage.EventsAsync(pod.Metadata.Uid, reason));
            Assert.Null(on.Series);
            Assert.Single(await stage.EventsAsync(watch.Metadata!.Uid!, reason));
        }
    }

    [Fact]
    public async Task Of_twelve_pods_that_cannot_fork_at_once_ten_have_an_event_and_all_are_in_the_status()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync(12);
        var watch = await stage.WatchAsync();
        await using var agent = stage.KeepReporting([.. pods.Select(pod => Workloads.Process(pod, 101))]);

        await stage.StatusAsync(s => s.PodsAtRisk == 12, "twelve pods at risk");
        agent.Processes = [Workloads.Process(pods[0], 10), .. pods.Skip(1).Select(pod => Workloads.Process(pod, 101))];
        // Events of one object are written one after the other.
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRecovered");

        Assert.Equal(10, (await stage.EventsAsync(watch.Metadata.Uid!, "ForkImpossible")).Count);
    }

    [Fact]
    public async Task During_the_hold_the_status_says_what_is_waited_for()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync(spec => spec with { HoldSeconds = 3600 });
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 75));

        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "AtRisk", Reason: "Pending" }) == true,
            "a status that says Pending"
        );

        var condition = status.Conditions!.Single(c => c.Type == "AtRisk");
        Assert.Equal("False", condition.Status);
        Assert.EndsWith("redis-server at 75 % (LargestMapping), not yet for 3600 s (holdSeconds)", condition.Message);
        Assert.Equal(0, condition.LastTransitionTime!.Value.Ticks % TimeSpan.TicksPerSecond);
    }

    [Fact]
    public async Task A_report_that_someone_deletes_comes_again()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.ReportAsync();
        var before = (await AgentReports.ReadAsync(stage))!.Metadata!.Uid;

        var deletion = await cluster.KubectlAsync("delete", "nodeforkreport", stage.Node);

        Assert.True(deletion.ExitCode == 0, deletion.StandardError);
        await Condition.HoldsAsync(
            async _ => await AgentReports.ReadAsync(stage) is { Metadata.Uid: { } uid } && uid != before,
            "another report of the node",
            cancellationToken: Stage.Cancelled
        );
    }

    [Fact]
    public async Task Below_the_warning_nothing_is_said()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync();
        await using (stage.KeepReporting(Workloads.Process(pod, 69)))
        {
            await stage.StatusAsync(s => s.WorstPercent == 69, "a status that knows the process");
        }

        Assert.Empty(await stage.EventsAsync(pod.Metadata.Uid));
        var status = (await stage.WatchNowAsync()).Status!;
        Assert.Contains(status.Conditions!, c => c is { Type: "AtRisk", Status: "False", Reason: "BelowThreshold" });
    }

    [Fact]
    public async Task A_process_that_cannot_fork_is_told_as_such()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync();
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 101));

        var said = await stage.EventAsync(pod.Metadata.Uid, "ForkImpossible");

        Assert.Contains("a fork is refused", said.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_controller_that_starts_again_repeats_nothing_and_still_tells_the_recovery()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pod = (await DeployUnderAsync(stage)).Pod;
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 75));
        await using (new RunningController(cluster))
        {
            await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");
            await stage.StatusAsync(s => s.PodsAtRisk == 1, "one pod at risk");
        }

        await using var second = new RunningController(cluster);
        agent.Processes = [Workloads.Process(pod, 76)];
        await stage.StatusAsync(
            s => s.WorstPercent == 76 || s.Targets?[0].Percent == 76,
            "the second controller's status",
            within: TimeSpan.FromSeconds(90)
        );
        agent.Processes = [];
        await stage.EventAsync(pod.Metadata.Uid, "ForkRecovered");

        Assert.Null(Assert.Single(await stage.EventsAsync(pod.Metadata.Uid, "ForkAtRisk")).Series);
    }

    [Fact]
    public async Task What_a_report_says_of_a_pod_that_runs_elsewhere_is_not_believed()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var other = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        var liar = (await other.DeployAsync(1))[0];
        await stage.WatchAsync();
        await other.WatchAsync();
        await using (other.KeepReporting(Workloads.Process(pod, 99), Workloads.Process(liar, 71)))
        {
            await other.EventAsync(liar.Metadata.Uid, "ForkAtRisk");
        }

        Assert.Empty(await stage.EventsAsync(pod.Metadata.Uid));
    }

    [Fact]
    public async Task A_host_process_has_its_event_on_the_node()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.ClusterWatchAsync(
            new ClusterForkWatchSpec
            {
                HostProcesses = new HostProcessSelector { Units = ["docker.service"] },
                HoldSeconds = 0,
            }
        );
        var process = Workloads.Bound(Workloads.Constraint(80)) with
        {
            Pid = 1,
            Command = "dockerd",
            SystemdUnit = "docker.service",
        };
        await using var agent = stage.KeepReporting(process);

        var said = await stage.EventAsync(stage.Node, "ForkAtRisk");

        Assert.Contains("docker.service, dockerd", said.Note, StringComparison.Ordinal);
        var described = await cluster.KubectlAsync("describe", "node", stage.Node);
        Assert.Contains("ForkAtRisk", described.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_to_mode_1_is_an_event_on_the_node_and_recovers_what_accounting_refused_and_nothing_else()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var (pod, _) = await DeployUnderAsync(stage);
        await using var agent = stage.KeepReporting(
            Workloads.Process(pod, Workloads.Constraint(75), Workloads.Pids(74))
        );
        await Condition.HoldsAsync(
            async _ => (await stage.EventsAsync(pod.Metadata.Uid, "ForkAtRisk")).Count == 2,
            "an event for each constraint",
            cancellationToken: Stage.Cancelled
        );

        agent.Processes = [Workloads.Process(pod, Workloads.Pids(74))];
        agent.With = status =>
            status with
            {
                Kernel = new KernelReport { Release = "6.18.0", OvercommitMode = 1 },
            };

        Assert.Contains(
            "from 0 to 1",
            (await stage.EventAsync(stage.Node, "OvercommitModeChanged")).Note,
            StringComparison.Ordinal
        );
        await stage.EventAsync(pod.Metadata.Uid, "ForkRecovered");
        var status = await stage.StatusAsync(
            s => s is { PodsAtRisk: 1, Targets: [{ Constraint.Text: "Pids" }] },
            "a status with the tasks alone"
        );
        Assert.Contains(status.Conditions!, c => c is { Type: "AtRisk", Status: "True", Reason: "ForkAtRisk" });
        Assert.Single(await stage.EventsAsync(pod.Metadata.Uid, "ForkRecovered"));
    }

    [Fact]
    public async Task A_node_that_falls_silent_is_marked_and_told()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster, silentAfter: TimeSpan.FromSeconds(2));
        await stage.ReportAsync();

        await stage.EventAsync(stage.Node, "ForkAgentDegraded");

        await Condition.HoldsAsync(
            async _ =>
                (await AgentReports.ReadAsync(stage))!.Status?.Conditions?.Any(c =>
                    c is { Type: "Ready", Status: "Unknown", Reason: "AgentSilent" }
                ) == true,
            "the mark on the report",
            cancellationToken: Stage.Cancelled
        );
    }

    [Fact]
    public async Task The_agents_are_told_from_where_on_to_look_at_every_scan()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.WatchAsync(spec => spec with { WarnAtPercent = 50, ClearBelowPercent = 8, ForecastSeconds = 300 });
        await stage.WatchAsync(spec => spec with { ForecastSeconds = 900 }, "longer");

        await Condition.HoldsAsync(
            async _ =>
                (await AgentReports.ReadAsync(stage))?.Spec
                    is { EveryScanAtPercent: 45, ReportAtPercent: 8, ForecastSeconds: 900 },
            "the report's spec",
            cancellationToken: Stage.Cancelled
        );
    }

    private static async Task<(k8s.Models.V1Pod Pod, ForkWatch Watch)> DeployUnderAsync(Stage stage)
    {
        var pod = (await stage.DeployAsync(1))[0];
        return (pod, await stage.WatchAsync());
    }
}
