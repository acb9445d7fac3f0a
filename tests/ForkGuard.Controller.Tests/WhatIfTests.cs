using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>A watch that judges by a rule which the node's kernel does not apply.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class WhatIfTests(ControlPlane cluster)
{
    [Fact]
    public async Task What_the_other_rule_would_refuse_is_told_as_a_what_if_and_nothing_is_restarted()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(2))[0];
        var watch = await WatchAsync(stage, EvaluationMode.Strict);
        var actual = await stage.WatchAsync(spec => Workloads.Restarting(spec), name: "actual");
        await using var agent = Report(stage, mode: 1, Strict(pod, 95));

        var onPod = await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");
        await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestartSuppressed");

        Assert.Contains("what if strict: 95 % of the limit", onPod.Note, StringComparison.Ordinal);
        Assert.Contains("by the rule of mode 2 on a kernel in mode 1", onPod.Note, StringComparison.Ordinal);
        Assert.DoesNotContain("restart it", onPod.Note, StringComparison.Ordinal);
        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "True", Reason: "WhatIf" }) == true,
            "a restart that was held back"
        );
        var risk = Assert.Single(status.Conditions!, c => c.Type == "AtRisk");
        Assert.Equal(("True", "ForkAtRisk"), (risk.Status, risk.Reason));
        Assert.StartsWith("what if strict: ", risk.Message, StringComparison.Ordinal);
        Assert.False(await stage.IsRemovedAsync(pod));
        Assert.Empty(await stage.EventsAsync(pod.Metadata.Uid, "ForkRestart"));

        agent.With = s => InMode(s, 1) with { WhatIf = [List()] };
        var recovered = await stage.EventAsync(pod.Metadata.Uid, "ForkRecovered");
        Assert.Contains("what if strict: ", recovered.Note, StringComparison.Ordinal);
        // The kernel's own rule has refused nothing all the while.
        Assert.Empty(await stage.EventsAsync(actual.Metadata!.Uid!));
    }

    [Fact]
    public async Task A_list_that_is_missing_or_cut_short_is_no_recovery()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await WatchAsync(stage, EvaluationMode.Strict);
        await using var agent = Report(stage, mode: 0, Strict(pod, 95));
        await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");

        agent.With = s => InMode(s, 1) with { WhatIf = [List() with { OmittedBelowPercent = 96 }] };
        await ModeChangedAsync(stage, "from 0 to 1");
        agent.With = s => InMode(s, 0) with { WhatIf = [] };
        await ModeChangedAsync(stage, "from 1 to 0");

        Assert.Empty(await stage.EventsAsync(pod.Metadata.Uid, "ForkRecovered"));
    }

    [Theory]
    [InlineData(EvaluationMode.Heuristic, 0)]
    [InlineData(EvaluationMode.Strict, 2)]
    public async Task On_a_node_that_runs_the_rule_it_is_judged_by_what_the_kernel_does(EvaluationMode rule, int mode)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = (await stage.DeployAsync(1))[0];
        await WatchAsync(stage, rule);
        var process = mode == 0 ? Workloads.Process(pod, 95) : Strict(pod, 95);
        await using var agent = new Reporter(stage, [process], s => InMode(s, mode) with { WhatIf = [] });

        var said = await stage.EventAsync(pod.Metadata.Uid, "ForkAtRisk");

        Assert.Contains($"what if {rule.ToString().ToLowerInvariant()}: 95 %", said.Note, StringComparison.Ordinal);
        Assert.Contains($", mode {mode}", said.Note, StringComparison.Ordinal);
        await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Reason: "WhatIf" }) == true,
            "a restart that was held back"
        );
        Assert.False(await stage.IsRemovedAsync(pod));
    }

    [Fact]
    public async Task Agents_are_asked_for_the_rules_of_all_what_ifs_and_not_for_longer_than_there_is_one()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.WatchAsync();
        await AskedAsync(stage, asked => asked is { EveryScanAtPercent: not null, EvaluateAs: null });

        await WatchAsync(stage, EvaluationMode.Strict, "strict");
        await AskedAsync(stage, asked => asked?.EvaluateAs is [{ Text: "Strict" }]);
        await WatchAsync(stage, EvaluationMode.Heuristic, "heuristic");
        await AskedAsync(stage, asked => asked?.EvaluateAs is [{ Text: "Heuristic" }, { Text: "Strict" }]);

        await cluster.KubectlAsync("delete", "forkwatch", "heuristic", "strict", "-n", stage.Namespace);
        await AskedAsync(stage, asked => asked is { EvaluateAs: null });
    }

    [Fact]
    public async Task Agents_are_asked_for_saves_of_all_while_a_watch_names_copy_on_write()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.WatchAsync();
        await AskedAsync(stage, asked => asked is { EveryScanAtPercent: not null, SnapshotsOfAll: null });

        await stage.WatchAsync(spec => spec with { Constraints = [ConstraintType.CopyOnWrite] }, name: "saves");
        await AskedAsync(stage, asked => asked is { SnapshotsOfAll: true });

        await cluster.KubectlAsync("delete", "forkwatch", "saves", "-n", stage.Namespace);
        await AskedAsync(stage, asked => asked is { SnapshotsOfAll: null });
    }

    [Fact]
    public async Task Until_an_agent_reports_by_the_rule_the_status_says_so_and_then_no_more()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        await stage.DeployAsync(1);
        await using var agent = new Reporter(stage, [], s => InMode(s, 1));
        await AskedAsync(stage, asked => asked is not null);
        await WatchAsync(stage, EvaluationMode.Strict);
        var status = await StatusAsync(stage, "WhatIfNotReported");
        var risk = Assert.Single(status.Conditions!, c => c.Type == "AtRisk");
        Assert.Equal("Unknown", risk.Status);
        Assert.Contains("report it at their next write", risk.Message, StringComparison.Ordinal);

        agent.With = s => InMode(s, 1) with { WhatIf = [List()] };
        await StatusAsync(stage, "BelowThreshold");
    }

    private static Task<ForkWatch> WatchAsync(Stage stage, EvaluationMode rule, string name = Stage.App) =>
        stage.WatchAsync(spec => Workloads.Restarting(spec) with { EvaluateAs = rule }, name);

    private static Reporter Report(Stage stage, int mode, params ProcessReport[] strict) =>
        new(stage, [], status => InMode(status, mode) with { WhatIf = [List(strict)] });

    private static NodeForkReportStatus InMode(NodeForkReportStatus status, int mode) =>
        status with
        {
            Kernel = new KernelReport { Release = "6.18.0", OvercommitMode = mode },
        };

    /// <summary>The list of strict mode, of processes that are measured when it is made.</summary>
    private static WhatIfReport List(params ProcessReport[] processes) =>
        new()
        {
            EvaluateAs = EvaluationMode.Strict,
            LimitBytes = Stage.Limit,
            Processes = [.. processes.Select(p => p with { MeasuredTime = TimeProvider.System.GetUtcNow() })],
        };

    private static ProcessReport Strict(V1Pod pod, int percent) =>
        Workloads.Process(
            pod,
            Workloads.Constraint(percent) with
            {
                Type = ConstraintType.CommitCharge,
                Scope = ConstraintScope.Node,
                Own = Stage.Limit / 2,
            }
        );

    private static Task AskedAsync(Stage stage, Func<NodeForkReportSpec?, bool> holds) =>
        Condition.HoldsAsync(
            async _ => await AgentReports.ReadAsync(stage) is { } report && holds(report.Spec),
            "the report's spec",
            cancellationToken: Stage.Cancelled
        );

    /// <summary>The controller has judged a report of the new mode.</summary>
    private static Task ModeChangedAsync(Stage stage, string how) =>
        Condition.HoldsAsync(
            async _ =>
                (await stage.EventsAsync(stage.Node, "OvercommitModeChanged")).Any(said =>
                    said.Note.Contains(how, StringComparison.Ordinal)
                ),
            $"an event of the mode {how}",
            cancellationToken: Stage.Cancelled
        );

    /// <summary>A status moves at the watch's next turn, which is a minute away where nothing is at risk.</summary>
    private static Task<WatchStatus> StatusAsync(Stage stage, string reason) =>
        stage.StatusAsync(
            s => s.Conditions?.Any(c => c.Type == "AtRisk" && c.Reason == reason) == true,
            reason,
            within: TimeSpan.FromSeconds(90)
        );
}
