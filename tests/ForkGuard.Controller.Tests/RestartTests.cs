using ForkGuard.Api;
using ForkGuard.Controller.Restarting;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>What becomes of a pod that reaches <c>actAtPercent</c>.</summary>
[Collection(Stage.OneAtATime)]
[Trait("Needs", "Machine")]
public sealed class RestartTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_pod_is_evicted_and_its_replacement_ends_the_restart()
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

        var said = await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestart");
        Assert.StartsWith("restarted by Evict; ", said.Note, StringComparison.Ordinal);
        Assert.Contains("95 % of the limit", said.Note, StringComparison.Ordinal);
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestart");
        var eviction = Assert.Single(
            requests.Bodies("POST", "/eviction"),
            body => !body.Contains("dryRun", StringComparison.Ordinal)
        );
        Assert.Contains($"\"uid\":\"{pods[0].Metadata.Uid}\"", eviction, StringComparison.Ordinal);
        var status = await stage.StatusAsync(
            s => s.LastRestart?.Result == RestartResult.Accepted,
            "an accepted restart"
        );
        var owner = Assert.Single(status.Owners!);
        Assert.Equal(("Deployment", "redis", 1), (owner.Kind, owner.Name, owner.RestartTimes?.Count));

        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        status = await stage.StatusAsync(
            s => s.LastRestart?.Result == RestartResult.Recovered,
            "a restart that helped"
        );
        Assert.Null(Assert.Single(status.Owners!).Restart);
        Assert.Contains(status.Conditions!, c => c is { Type: "ActionSuppressed", Status: "False" });
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

        await stage.StatusAsync(
            s =>
                s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "True", Reason: "DisruptionBudget" })
                == true,
            "a restart suppressed by the budget"
        );
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
    public async Task A_pod_that_was_replaced_meanwhile_is_left_alone()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var stale = Workloads.Process(Workloads.Pod("none"), 95);
        await using var controller = new RunningController(cluster);
        var first = await stage.AddPodAsync(Workloads.Pod("redis-0"));
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await stage.FinishAsync(first);
        var second = await stage.AddPodAsync(Workloads.Pod("redis-0"));
        await using (stage.KeepReporting(Workloads.Process(first, 95), Workloads.Process(second, 50)))
        {
            await stage.StatusAsync(s => s.WorstPercent == 50, "a status that knows the second pod only");
        }

        Assert.False(await stage.IsRemovedAsync(second));
        Assert.Empty(await stage.EventsAsync(second.Metadata.Uid));
        Assert.NotNull(stale);
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
                        c
                            is {
                                Type: "ActionSuppressed",
                                Status: "True",
                                Reason: "Cooldown" or "MinReadyReplicas" or "Budget"
                            }
                    ),
                "the other pod is held back",
                name
            );
        }

        Assert.False(await stage.IsRemovedAsync(pods[1]));
        Assert.Single(requests.Bodies("POST", "/eviction"), body => !body.Contains("dryRun", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_passes_every_gate_says_what_it_would_have_done_once_and_does_nothing()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec, restart => restart with { DryRun = true }));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var said = await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestart");
        Assert.Contains("dry run: would restart it by Evict", said.Note, StringComparison.Ordinal);
        var status = await stage.StatusAsync(s => s.LastRestart?.Result == RestartResult.DryRun, "a dry run");
        Assert.Contains(status.Conditions!, c => c is { Type: "ActionSuppressed", Status: "True", Reason: "DryRun" });
        Assert.False(await stage.IsRemovedAsync(pods[0]));
        Assert.Single(await stage.EventsAsync(pods[0].Metadata.Uid, "ForkRestart"));
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
    public async Task Restarts_that_do_not_help_are_counted_and_given_up()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var restarts = new RestartOptions { RecoveryTimeout = TimeSpan.FromSeconds(1) };
        await using var controller = new RunningController(cluster, restarts: restarts);
        var pods = await stage.DeployAsync();
        var watch = await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, restart => restart with { GiveUpAfter = 1 })
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 65));

        await stage.StatusAsync(s => s.LastRestart?.Result == RestartResult.Ineffective, "a restart that did not help");
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestartIneffective");
        await stage.FinishAsync(pods[0]);
        var next = (await stage.RunPodsAsync(2)).First(pod => pod.Metadata.Uid != pods[1].Metadata.Uid);
        agent.Processes = [Workloads.Process(next, 96)];

        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "True", Reason: "GaveUp" }) == true,
            "that it was given up"
        );
        Assert.Contains(status.Conditions!, c => c is { Type: "RestartIneffective", Status: "True" });
        Assert.False(await stage.IsRemovedAsync(next));
    }

    private static async Task SetBudgetAsync(Stage stage, string minAvailable)
    {
        var manifest = $$"""
            {"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget","metadata":{"name":"redis"},
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
