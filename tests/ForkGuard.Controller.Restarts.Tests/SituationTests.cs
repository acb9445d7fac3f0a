using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>The status of a watch, as far as records and nodes decide it.</summary>
public sealed class SituationTests
{
    private const string NodePath = "api/v1/nodes/" + CoordinatorScene.Node;

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

    private static (string? Status, string? Reason) ConditionOf(WatchStatus status, string type) =>
        status.Conditions!.Where(condition => condition.Type == type).Select(c => (c.Status, c.Reason)).Single();
}
