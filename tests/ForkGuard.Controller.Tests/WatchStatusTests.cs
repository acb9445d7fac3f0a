using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>The status of a watch is true at once, after a change of leader, and for whatever a report may contain.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class WatchStatusTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_new_watch_is_evaluated_by_the_last_report_at_once()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync(name: "earlier");
        await stage.ReportAsync(Workloads.Process(pod, 40));
        await stage.ReportAsync(Workloads.Process(pod, 101));
        await stage.StatusAsync(s => s.PodsAtRisk == 1, "the report taken in", "earlier");

        // No report comes after the watch.
        await stage.WatchAsync();
        var status = await stage.StatusAsync(s => s.Conditions?.Any(c => c.Type == "AtRisk") == true, "a status");

        Assert.Equal(("True", "ForkImpossible"), ConditionOf(status, "AtRisk"));
        Assert.Equal(1, status.PodsAtRisk);
        Assert.Equal(("True", "Evaluated"), ConditionOf(status, "Ready"));
    }

    [Fact]
    public async Task The_status_has_the_values_in_force_with_defaults()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync(spec => Workloads.Restarting(spec) with { WarnAtPercent = 80 });
        await stage.ReportAsync(Workloads.Process(pod, 40));
        var status = await stage.StatusAsync(s => s.Effective is not null, "the effective values");

        Assert.Equal(
            (80, 90, 70, 3600, 1),
            (
                status.Effective!.WarnAtPercent,
                status.Effective.ActAtPercent,
                status.Effective.ClearBelowPercent,
                status.Effective.Restart!.CooldownSeconds,
                status.Effective.Restart.MinReadyReplicas
            )
        );
    }

    [Fact]
    public async Task Before_the_first_report_under_a_controller_the_risk_of_a_new_watch_is_unknown()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await using (new RunningController(cluster))
        {
            await stage.ReportAsync(Workloads.Process(pod, 101));
        }

        await using var next = new RunningController(cluster);
        await stage.WatchAsync();
        var status = await stage.StatusAsync(s => s.Conditions?.Any(c => c.Type == "AtRisk") == true, "a status");
        Assert.Equal(("Unknown", "NotEvaluated"), ConditionOf(status, "AtRisk"));
        Assert.Equal(("Unknown", "NotEvaluated"), ConditionOf(status, "Ready"));

        await stage.ReportAsync(Workloads.Process(pod, 101));
        await stage.StatusAsync(s => ConditionOf(s, "AtRisk") == ("True", "ForkImpossible"), "the first report");
    }

    [Fact]
    public async Task More_targets_than_the_status_names_survive_a_change_of_leader()
    {
        const int Pods = 24;
        await using var stage = await Stage.CreateAsync(cluster);
        var pods = await stage.DeployAsync(Pods);
        var watch = await stage.WatchAsync();
        await using var agent = stage.KeepReporting([
            .. pods.Select((pod, i) => Workloads.Process(pod, 72 + (i % 20))),
        ]);
        await using (new RunningController(cluster))
        {
            var first = await stage.StatusAsync(s => s.PodsAtRisk == Pods, "all pods at risk", within: Minute);
            Assert.Equal(20, first.Targets!.Count);
            await Condition.HoldsAsync(
                async _ => await PodEventsAsync(stage, "ForkAtRisk") == Pods,
                "an event for each pod",
                Minute,
                Stage.Cancelled
            );
        }

        var requests = new RequestLog();
        await using var next = new RunningController(cluster, requests.Handlers);
        await Condition.HoldsAsync(
            () => requests.Requests.Any(request => request.Body.Contains("renewTime", StringComparison.Ordinal)),
            "the next leader",
            Stage.Cancelled
        );
        agent.Processes = [];
        await Condition.HoldsAsync(
            async _ => await PodEventsAsync(stage, "ForkRecovered") == Pods,
            "a recovery of each pod",
            Minute,
            Stage.Cancelled
        );
        await stage.StatusAsync(s => s.PodsAtRisk == 0, "no pod at risk", within: Minute);

        // The next controller never lost one of them.
        var written = requests
            .Bodies("PATCH", $"/forkwatches/{watch.Metadata!.Name}/status")
            .Concat(requests.Bodies("PUT", $"/forkwatches/{watch.Metadata.Name}/status"));
        Assert.All(written.Take(1), body => Assert.DoesNotContain("\"podsAtRisk\":20", body, StringComparison.Ordinal));
        Assert.Equal(Pods, await PodEventsAsync(stage, "ForkAtRisk"));
    }

    [Fact]
    public async Task A_target_has_the_verdict_of_its_process_and_the_event_that_was_emitted()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await stage.WatchAsync(spec => spec with { Constraints = [ConstraintType.LargestMapping] });
        await using var agent = stage.KeepReporting(
            Workloads.Process(pod, Workloads.Constraint(75), Workloads.Pids(100))
        );

        var status = await stage.StatusAsync(s => s.PodsAtRisk == 1, "one pod at risk");

        var target = Assert.Single(status.Targets!);
        Assert.Equal(Verdict.CannotFork, target.Verdict.Known);
        Assert.Equal("ForkAtRisk", target.Emitted);
    }

    [Fact]
    public async Task A_node_that_is_removed_ends_the_risk_of_its_host_processes()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var name = (await HostWatchAsync(stage)).Metadata!.Name!;
        await stage.ReportAsync([]);
        await stage.ReportAsync(HostProcess());
        await HostStatusAsync(name, s => s.Targets is { Count: 1 }, "the host process at risk");

        await cluster.KubectlAsync("delete", "node", stage.Node);

        await HostStatusAsync(
            name,
            s => s.Targets is null or { Count: 0 } && ConditionOf(s, "AtRisk").Status != "True",
            "no target of a node that is gone"
        );
    }

    [Fact]
    public async Task The_longest_names_of_a_report_fit_into_the_status_and_longer_ones_are_refused()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var name = (await HostWatchAsync(stage)).Metadata!.Name!;
        var constraint = Workloads.Constraint(80) with
        {
            Scope = ConstraintScope.Cgroup,
            ScopeName = "/" + new string('c', 255),
        };
        var longest = HostProcess() with
        {
            Command = new string('c', 64),
            SystemdUnit = new string('u', 247) + ".service",
            Constraints = [constraint],
        };
        await stage.ReportAsync([]);
        await stage.ReportAsync(longest);

        var status = await HostStatusAsync(name, s => s.Targets is { Count: 1 }, "the longest names in the status");
        Assert.Equal(longest.Command, status.Targets![0].Command);
        await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() =>
            stage.ReportAsync(longest with { Command = new string('c', 40_000) })
        );
    }

    [Fact]
    public async Task Control_and_direction_characters_are_escaped_in_events_and_conditions()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var name = (await HostWatchAsync(stage)).Metadata!.Name!;
        await stage.ReportAsync([]);
        await stage.ReportAsync(
            HostProcess() with
            {
                Command = "a\u001b[31m\u202e\nb",
                SystemdUnit = "u\u001b\u2066\r.service",
            }
        );

        var emitted = await stage.EventAsync(stage.Node, "ForkAtRisk");
        var status = await HostStatusAsync(name, s => ConditionOf(s, "AtRisk").Status == "True", "the risk");

        foreach (var text in new[] { emitted.Note, status.Conditions!.First(c => c.Type == "AtRisk").Message! })
        {
            Assert.DoesNotContain(
                text,
                c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format
            );
            Assert.Contains(".service", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_reason_is_None_and_every_watch_and_report_has_the_condition_Ready()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await Condition.HoldsAsync(
            async _ =>
                (await AgentReports.ReadAsync(stage))?.Status?.Conditions?.Any(c =>
                    c is { Type: "Ready", Status: "Unknown", Reason: "NoReport" }
                ) == true,
            "a report without an agent that is not Ready",
            cancellationToken: Stage.Cancelled
        );
        await stage.WatchAsync();
        var status = await stage.StatusAsync(s => s.Conditions is { Count: > 0 }, "a status");

        Assert.Equal(("True", "NothingToWatch"), ConditionOf(status, "Ready"));
        Assert.DoesNotContain(status.Conditions!, c => c.Reason is null or "" or "None");
        Assert.Equal(
            ["Accepted", "ActionSuppressed", "AtRisk", "Ready", "RestartIneffective"],
            status.Conditions!.Select(c => c.Type).Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );

        await stage.DeployAsync(1);
        await stage.StatusAsync(
            s => ConditionOf(s, "Ready") == ("False", "ReportsMissing"),
            "a node without a report",
            within: TimeSpan.FromSeconds(90)
        );
    }

    private static TimeSpan Minute => TimeSpan.FromMinutes(1);

    private static Task<ClusterForkWatch> HostWatchAsync(Stage stage) =>
        stage.ClusterWatchAsync(
            new ClusterForkWatchSpec { HostProcesses = new HostProcessSelector(), HoldSeconds = 0 }
        );

    private static ProcessReport HostProcess() =>
        Workloads.Bound(Workloads.Constraint(80)) with
        {
            Pid = 1,
            Command = "dockerd",
            SystemdUnit = "docker.service",
        };

    private async Task<WatchStatus> HostStatusAsync(string name, Func<WatchStatus, bool> holds, string description)
    {
        WatchStatus? last = null;
        await Condition.HoldsAsync(
            async _ =>
                (last = (await Resources.ReadClusterWatchAsync(cluster, name)).Status) is { } status && holds(status),
            description,
            TimeSpan.FromSeconds(90),
            Stage.Cancelled
        );
        return last!;
    }

    private static (string? Status, string? Reason) ConditionOf(WatchStatus status, string type) =>
        status.Conditions?.FirstOrDefault(condition => condition.Type == type) is { } found
            ? (found.Status, found.Reason)
            : default;

    private async Task<int> PodEventsAsync(Stage stage, string reason) =>
        (await cluster.Admin.EventsV1.ListEventForAllNamespacesAsync(cancellationToken: Stage.Cancelled)).Items.Count(
            e => e.Regarding.Kind == "Pod" && e.Regarding.NamespaceProperty == stage.Namespace && e.Reason == reason
        );
}
