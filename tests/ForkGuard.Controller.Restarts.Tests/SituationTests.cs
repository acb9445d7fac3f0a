using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>The status of a watch, as far as records and nodes decide it.</summary>
public sealed class SituationTests
{
    private const string NodePath = "api/v1/nodes/" + CoordinatorScene.Node;

    [Fact]
    public async Task Without_the_time_of_the_API_server_RestartIneffective_stays()
    {
        await using var scene = await BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var last = scene.StatusOf(scene.Clock);
        Assert.Equal(("True", "GaveUp"), IneffectiveOf(last));

        var next = scene.StatusOf(new ServerClock(scene.Time), last);

        Assert.Equal(("True", "GaveUp"), IneffectiveOf(next));
    }

    [Fact]
    public async Task Without_the_time_of_the_API_server_RestartIneffective_of_another_spec_is_unknown()
    {
        await using var scene = await BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var last = scene.StatusOf(scene.Clock);
        scene.PutWatch(Restarting, generation: 2);
        await scene.ReportAsync(("redis-1-a", 95));

        var next = scene.StatusOf(new ServerClock(scene.Time), last);

        Assert.Equal(("Unknown", "NotEvaluated"), IneffectiveOf(next));
        Assert.Equal(("True", "GaveUp"), IneffectiveOf(scene.StatusOf(scene.Clock, next)));
    }

    [Theory]
    [InlineData("linux", 1)]
    [InlineData(null, 1)]
    [InlineData("windows", 0)]
    public async Task A_watch_needs_no_report_of_a_node_that_does_not_run_Linux(string? os, int nodes)
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(
                NodePath,
                node => node["metadata"]!["labels"] = os is null ? null : new JsonObject { ["kubernetes.io/os"] = os }
            )
        );

        Assert.Equal(nodes, scene.HostNodes().Count);
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(nodes == 1, ConditionOf(scene.StatusOf(scene.Clock), "Ready").Reason == "Evaluated");
    }

    /// <summary>A restart for the watch did not help, which is one too many.</summary>
    private static async Task<CoordinatorScene> BeginAsync()
    {
        var scene = await CoordinatorScene.BeginAsync();
        scene.PutWatch(Restarting);
        scene.AddRecord("shop", "redis", "Idle", CoordinatorScene.Node, "DidNotHelp");
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record => record["status"]!["history"]![0]!["watch"] = "ForkWatch shop/redis"
        );
        return scene;
    }

    private static ForkWatchSpec Restarting(ForkWatchSpec spec)
    {
        var restarting = Workloads.Restarting(spec);
        return restarting with { Restart = restarting.Restart! with { MaxIneffectiveRestarts = 1 } };
    }

    private static (string? Status, string? Reason) IneffectiveOf(WatchStatus status) =>
        ConditionOf(status, "RestartIneffective");

    private static (string? Status, string? Reason) ConditionOf(WatchStatus status, string type) =>
        status.Conditions!.Where(condition => condition.Type == type).Select(c => (c.Status, c.Reason)).Single();
}
