using System.Text.Json.Nodes;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>What a watch requests, beside other watches over the same pod.</summary>
public sealed class RequestTests
{
    [Theory]
    [InlineData("{}", "longer")]
    [InlineData("""{"paused":true}""", "redis")]
    [InlineData("""{"action":"Event"}""", "redis")]
    [InlineData("""{"restart":{"dryRun":true}}""", "redis")]
    [InlineData("""{"selector":{"matchLabels":{"app":"web"}}}""", "redis")]
    [InlineData("""{"restart":{"cooldownSeconds":1800}}""", "redis")]
    public async Task The_longest_cooldown_of_the_watches_that_restart_the_pod_counts(string change, string watch)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        var spec = new JsonObject
        {
            ["selector"] = JsonNode.Parse("""{"matchLabels":{"app":"redis"}}"""),
            ["action"] = "Restart",
            ["restart"] = new JsonObject { ["cooldownSeconds"] = 7200 },
        };
        JsonChange.Merge(spec, JsonNode.Parse(change)!.AsObject());
        scene.AddWatch("longer", spec);
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        var cooldown = scene.Status!.Cooldown!;
        Assert.Equal($"ForkWatch shop/{watch}", cooldown.Watch);
        Assert.Equal(TimeSpan.FromHours(watch == "longer" ? 2 : 1), cooldown.Until - cooldown.Since);
    }

    [Fact]
    public async Task The_longer_cooldown_of_a_ClusterForkWatch_counts_in_the_namespaces_that_it_selects()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(Namespace, space => space["metadata"]!["labels"] = new JsonObject { ["team"] = "a" })
        );
        scene.AddClusterWatch(
            "longer",
            JsonNode
                .Parse(
                    """
                    {"namespaceSelector":{"matchLabels":{"team":"a"}},"selector":{"matchLabels":{"app":"redis"}},
                     "action":"Restart","restart":{"cooldownSeconds":7200}}
                    """
                )!
                .AsObject()
        );
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal("ClusterForkWatch longer", scene.Status?.Cooldown?.Watch);
    }

    [Fact]
    public async Task A_watch_whose_restarts_are_a_dry_run_restarts_nothing()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.PutWatch(spec => Workloads.Restarting(spec, restart => restart with { DryRun = true }));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Equal([BlockReason.DryRun], (await scene.DecideAsync()).Select(block => block.Reason));

        Assert.Null(scene.Status);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task A_ForkWatch_reads_no_namespace()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.DoesNotContain(scene.Api.Requests, IsOfNamespace);
    }

    [Fact]
    public async Task A_reading_grows_old_while_no_other_comes()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Time.Advance(TimeSpan.FromSeconds(46));

        Assert.Equal(BlockReason.StaleReading, (await scene.DecideAsync())[0].Reason);
    }

    [Fact]
    public async Task A_namespace_that_the_watch_does_not_select_any_more_blocks_the_restart()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(Namespace, space => space["metadata"]!["labels"] = new JsonObject { ["team"] = "a" })
        );
        scene.PutClusterWatch(spec => Workloads.Restarting(spec));
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(Namespace, space => space["metadata"]!["labels"]!["team"] = "b");

        var blocks = await scene.DecideAsync();

        Assert.Equal(BlockReason.ReportMismatch, Assert.Single(blocks).Reason);
        Assert.Contains("ClusterForkWatch redis", blocks[0].Message, StringComparison.Ordinal);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task A_ClusterForkWatch_restarts_a_pod_of_a_namespace_that_it_selects()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(Namespace, space => space["metadata"]!["labels"] = new JsonObject { ["team"] = "a" })
        );
        scene.PutClusterWatch(spec => Workloads.Restarting(spec));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(["redis-1-a"], scene.Evicted);
        Assert.Contains(scene.Api.Requests, IsOfNamespace);
        Assert.Equal(
            ("ClusterForkWatch", null),
            (scene.Status?.Restart?.Watch.Kind, scene.Status?.Restart?.Watch.Namespace)
        );
        var emitted = JsonNode.Parse(await scene.EventAsync("ForkRestart", "ClusterForkWatch"))!;
        Assert.Null((emitted["involvedObject"] ?? emitted["regarding"])!["namespace"]);
    }

    private static bool IsOfNamespace(ScriptedRequest request) =>
        request.Path == "api/v1/namespaces" && request.Query.Contains("metadata.name=shop", StringComparison.Ordinal);

    private const string Namespace = "api/v1/namespaces/shop";
}
