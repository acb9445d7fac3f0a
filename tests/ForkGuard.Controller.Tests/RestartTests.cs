using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>What becomes of a pod that reaches <c>actAtPercent</c>.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_pod_is_evicted_and_its_replacement_proves_that_it_helped()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync();
        var watch = await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 20));

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            cancellationToken: Stage.Cancelled
        );

        var emitted = await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestart");
        Assert.StartsWith("restarted by Evict; ", emitted.Note, StringComparison.Ordinal);
        Assert.Contains("95 % of the limit", emitted.Note, StringComparison.Ordinal);
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestart");
        var record = await stage.RecordAsync(r => r.State == RestartState.Replacing, "a replacement that is awaited");
        await stage.EventAsync(record.Restart!.OwnerUid, "ForkRestart");
        Assert.Equal(pods[0].Metadata.Uid, record.Restart.Pod.Uid);
        Assert.Equal("ForkWatch " + stage.Namespace + "/redis", record.Cooldown!.Watch);
        // The clock follows dates of whole seconds, so that the call may have the earlier time of the two.
        var since = new[] { record.Restart.DecidedTime, record.Restart.LastCallTime!.Value }.Max();
        Assert.Equal(since + TimeSpan.FromHours(1), record.Cooldown.Until);
        var eviction = Assert.Single(
            requests.Bodies("POST", "/eviction"),
            body => !body.Contains("dryRun", StringComparison.Ordinal)
        );
        Assert.Contains($"\"uid\":\"{pods[0].Metadata.Uid}\"", eviction, StringComparison.Ordinal);

        await stage.FinishAsync(pods[0]);
        var replacement = (await stage.RunPodsAsync(2)).First(pod => pod.Metadata.Uid != pods[1].Metadata.Uid);
        agent.Processes = [];
        record = await stage.RecordAsync(r => r.State == RestartState.Idle, "a restart that ended");
        Assert.Equal(RestartResult.Helped, record.Result);
        Assert.Null(record.Restart);
        Assert.Equal(pods[0].Metadata.Name, Assert.Single(record.History!).Pod.Name);
        await stage.EventAsync(replacement.Metadata.Uid, "ForkRestartHelped");
        await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "False" }) == true,
            "nothing is held back"
        );
    }

    [Fact]
    public async Task A_disruption_budget_blocks_and_the_restart_goes_through_when_it_allows()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await SetBudgetAsync(stage, "2");
        await WaitForBudgetAsync(stage, allowed: 0);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("DisruptionBudget");
        await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestartSuppressed");
        Assert.False(await stage.IsRemovedAsync(pods[0]));

        await SetBudgetAsync(stage, "1");
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            TimeSpan.FromSeconds(60),
            Stage.Cancelled
        );
    }

    [Fact]
    public async Task A_pod_of_two_disruption_budgets_is_never_called_for()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync();
        await SetBudgetAsync(stage, "1");
        await SetBudgetAsync(stage, "0", "another");
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var message = await stage.SuppressedAsync("DisruptionBudget");

        Assert.Contains("2 PodDisruptionBudgets select the pod", message, StringComparison.Ordinal);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
    }

    [Fact]
    public async Task Several_watches_restart_a_pod_once_and_each_status_says_what_happened()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(spec => Workloads.Restarting(spec), "one");
        await stage.WatchAsync(spec => Workloads.Restarting(spec), "two");
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 94));

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            cancellationToken: Stage.Cancelled
        );

        foreach (var name in new[] { "one", "two" })
        {
            await stage.StatusAsync(
                s =>
                    (s.Conditions ?? []).Any(c =>
                        c is { Type: "ActionSuppressed", Status: "True", Reason: "SiblingTerminating" or "Cooldown" }
                    ),
                "the other pod is held back",
                name
            );
        }

        Assert.False(await stage.IsRemovedAsync(pods[1]));
        Assert.Single(requests.Bodies("POST", "/eviction"), body => !body.Contains("dryRun", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_passes_every_gate_and_writes_no_record()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec, restart => restart with { DryRun = true }));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var message = await stage.SuppressedAsync("DryRun");
        Assert.Contains("would restart it by Evict", message, StringComparison.Ordinal);
        await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestartSuppressed");
        Assert.False(await stage.IsRemovedAsync(pods[0]));
        Assert.Empty(await stage.RecordsAsync());

        // Also those that only the API server knows.
        await SetBudgetAsync(stage, "2");
        await stage.SuppressedAsync("DisruptionBudget", within: TimeSpan.FromSeconds(90));
        Assert.Empty(await stage.EventsAsync(pods[0].Metadata.Uid, "ForkRestart"));
    }

    [Fact]
    public async Task Delete_passes_a_disruption_budget_by()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await SetBudgetAsync(stage, "2");
        await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, r => r with { Method = RestartMethod.Delete, GracePeriodSeconds = 7 })
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the deletion",
            cancellationToken: Stage.Cancelled
        );

        var ending = await cluster.Admin.CoreV1.ReadNamespacedPodAsync(
            pods[0].Metadata.Name,
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );
        Assert.Equal(7, ending.Metadata.DeletionGracePeriodSeconds);
    }

    [Fact]
    public async Task A_replacement_that_reaches_the_level_again_did_not_help_and_is_given_up()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var slow = RunningController.Quick with
        {
            Times = RunningController.Quick.Times with { MinProof = TimeSpan.FromMinutes(2) },
        };
        await using var controller = new RunningController(cluster, restarts: slow);
        var pods = await stage.DeployAsync();
        var watch = await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, restart => restart with { MaxIneffectiveRestarts = 1 })
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 65));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        await stage.FinishAsync(pods[0]);
        var next = (await stage.RunPodsAsync(2)).First(pod => pod.Metadata.Uid != pods[1].Metadata.Uid);
        agent.Processes = [Workloads.Process(next, 20)];
        await stage.RecordAsync(r => r.State == RestartState.Proving, "a replacement below the level");

        // Below the level for a while is no proof.
        await stage.StatusAsync(s => s.WorstPercent == 20, "a report of the replacement");
        agent.Processes = [Workloads.Process(next, 96)];

        var record = await stage.RecordAsync(r => r.Result == RestartResult.DidNotHelp, "a restart that did not help");
        Assert.Contains("reached 96 % again", record.History![0].Message, StringComparison.Ordinal);
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestartIneffective");
        await stage.SuppressedAsync("GaveUp");
        await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "RestartIneffective", Status: "True" }) == true,
            "that it was given up"
        );
        Assert.False(await stage.IsRemovedAsync(next));
    }

    /// <summary>Nothing wants a restart any more, and the proof has an hour: the report alone brings the look at it.</summary>
    [Fact]
    public async Task A_replacement_at_the_level_did_not_help_though_its_watch_is_gone()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var slow = RunningController.Quick with
        {
            FollowProof = TimeSpan.FromHours(1),
            Times = RunningController.Quick.Times with { MinProof = TimeSpan.FromHours(1) },
        };
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        var pods = await stage.DeployAsync();
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 65));
        V1Pod next;
        await using (new RunningController(cluster, restarts: slow))
        {
            await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
            await stage.FinishAsync(pods[0]);
            next = (await stage.RunPodsAsync(2)).First(pod => pod.Metadata.Uid != pods[1].Metadata.Uid);
            agent.Processes = [Workloads.Process(next, 20)];
            await stage.RecordAsync(r => r.State == RestartState.Proving, "a replacement below the level");
        }

        // It looks at the record when it starts, and then after an hour.
        await using var successor = new RunningController(cluster, restarts: slow);
        agent.Processes = [Workloads.Process(next, 21)];
        await stage.StatusAsync(s => s.WorstPercent == 21, "a report of the replacement");
        await cluster.KubectlAsync("delete", "forkwatch", Stage.App, "-n", stage.Namespace);

        agent.Processes = [Workloads.Process(next, 96)];

        await stage.RecordAsync(r => r.Result == RestartResult.DidNotHelp, "a restart that did not help");
    }

    private static async Task SetBudgetAsync(Stage stage, string minAvailable, string name = "redis")
    {
        var manifest = $$"""
            {"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget","metadata":{"name":"{{name}}"},
             "spec":{"minAvailable":{{minAvailable}},"selector":{"matchLabels":{"app":"redis"} } } }
            """;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, manifest, Stage.Cancelled);
        var answer = await stage.Cluster.KubectlAsync("apply", "--validate=false", "-n", stage.Namespace, "-f", file);
        File.Delete(file);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
    }

    private static Task WaitForBudgetAsync(Stage stage, int allowed) =>
        Condition.HoldsAsync(
            async _ =>
                (
                    await stage.Cluster.KubectlAsync(
                        "get",
                        "poddisruptionbudget",
                        "redis",
                        "-n",
                        stage.Namespace,
                        "-o",
                        "jsonpath={.status.currentHealthy}/{.status.disruptionsAllowed}"
                    )
                ).StandardOutput == $"2/{allowed}",
            "the disruption budget's status",
            cancellationToken: Stage.Cancelled
        );
}
