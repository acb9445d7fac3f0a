using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>Constraints other than those of memory accounting, through a controller and a real API server.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class ConstraintTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_pids_leak_in_mode_1_warns_and_restarts_and_its_replacement_ends_the_restart()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = new Reporter(stage, [Workloads.Process(pods[0], Workloads.Pids(75))], InMode1);

        var warning = await stage.EventAsync(pods[0].Metadata.Uid, "ForkAtRisk");
        Assert.Equal("Warning", warning.Type);
        Assert.Contains("75 of 100", warning.Note, StringComparison.Ordinal);
        await stage.StatusAsync(
            s => s is { PodsAtRisk: 1, WorstPercent: 75, WorstConstraint.Text: "Pids" },
            "a status with the tasks of the pod"
        );
        Assert.False(await stage.IsRemovedAsync(pods[0]));

        agent.Processes = [Workloads.Process(pods[0], Workloads.Pids(95))];
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            cancellationToken: Stage.Cancelled
        );
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        await stage.RecordAsync(record => record.Result == RestartResult.Helped, "a restart that helped");
    }

    [Fact]
    public async Task Tasks_that_a_pod_shares_restart_it_although_another_command_has_the_entry()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec =>
            Workloads.Restarting(spec) with
            {
                Commands = ["redis-server"],
                HoldSeconds = 3,
            }
        );
        await using var agent = new Reporter(
            stage,
            [Workloads.Process(pods[0], Workloads.Pids(95)) with { Command = "helper" }],
            InMode1
        );

        await stage.EventAsync(pods[0].Metadata.Uid, "ForkAtRisk");
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            cancellationToken: Stage.Cancelled
        );
    }

    [Fact]
    public async Task A_constraint_of_a_later_version_is_shown_and_never_acts()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        var later = Workloads.Pids(100) with
        {
            Type = new OpenEnum<ConstraintType>("Landlock"),
            Unit = new OpenEnum<ConstraintUnit>("Rules"),
            Scope = ConstraintScope.Process,
        };
        await using var agent = stage.KeepReporting(
            Workloads.Process(pods[0], later),
            Workloads.Process(pods[1], Workloads.Pids(75))
        );

        var status = await stage.StatusAsync(
            s => s.Targets?.Count == 2 && s.WorstConstraint?.Text == "Landlock",
            "a status with both constraints"
        );
        Assert.Contains(status.Targets!, target => target.Constraint == ConstraintType.Pids);
        // The other pod's warning was written after the report with both.
        await stage.EventAsync(pods[1].Metadata.Uid, "ForkAtRisk");
        Assert.Empty(await stage.EventsAsync(pods[0].Metadata.Uid, "ForkRestart"));
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_steady_level_is_one_normal_event_and_no_restart()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        var steady = Workloads.Constraint(95) with { Growing = false };
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], steady));

        var near = await stage.EventAsync(pods[0].Metadata.Uid, "ForkNearLimit");
        Assert.Equal("Normal", near.Type);
        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "AtRisk", Reason: "NearLimit" }) == true,
            "a status that says NearLimit"
        );
        Assert.Equal(0, status.PodsAtRisk);
        Assert.False(await stage.IsRemovedAsync(pods[0]));
        Assert.Empty(await stage.EventsAsync(pods[0].Metadata.Uid, "ForkAtRisk"));
    }

    [Fact]
    public async Task A_constraint_of_the_node_has_its_event_on_the_node()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.ClusterWatchAsync(new ClusterForkWatchSpec { HostProcesses = new(), HoldSeconds = 0 });
        var threads = Workloads.Pids(85) with
        {
            Type = ConstraintType.Threads,
            Scope = ConstraintScope.Node,
            ScopeName = null,
        };
        await using var agent = new Reporter(stage, [], status => status with { Constraints = [threads] });

        var warning = await stage.EventAsync(stage.Node, "ForkAtRisk");

        Assert.StartsWith($"node {stage.Node}: ", warning.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forks_that_the_kernel_refused_are_an_event_with_their_number()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync();
        await using var agent = stage.KeepReporting(Workloads.Process(pod, Workloads.Pids(60) with { Refused = 3 }));
        await stage.StatusAsync(s => s.WorstPercent == 60, "a status that knows the pod");

        agent.Processes = [Workloads.Process(pod, Workloads.Pids(60) with { Refused = 8 })];

        var refused = await stage.EventAsync(pod.Metadata.Uid, "ForkRefused");
        Assert.Equal("Warning", refused.Type);
        Assert.Contains("5 forks", refused.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_of_the_kernels_log_are_an_event_on_the_node()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await using var agent = new Reporter(stage, []);
        await Condition.HoldsAsync(
            async _ => (await AgentReports.ReadAsync(stage))?.Status is not null,
            "a report without refusals",
            cancellationToken: Stage.Cancelled
        );

        agent.With = status => status with { Refusals = [Refused(status.ObservedTime!.Value)] };

        var refused = await stage.EventAsync(stage.Node, "ForkRefused");
        Assert.Equal("Warning", refused.Type);
        Assert.Equal(
            "ld (pid 7): the kernel refused a fork or a mapping 4 times within 9 s, the last of 1.0 GiB, as its log shows",
            refused.Note
        );
    }

    private static RefusalReport Refused(DateTimeOffset now) =>
        new()
        {
            Kind = RefusalKind.Memory,
            Name = "ld",
            Count = 4,
            Since = now - TimeSpan.FromSeconds(9),
            LastTime = now,
            LastPid = 7,
            LastBytes = 1L << 30,
        };

    private static NodeForkReportStatus InMode1(NodeForkReportStatus status) =>
        status with
        {
            Kernel = new KernelReport { Release = "6.18.0", OvercommitMode = 1 },
        };
}
