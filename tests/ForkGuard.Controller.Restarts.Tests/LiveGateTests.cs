using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Objects that changed after the caches had them: a decision reads them again.</summary>
public sealed class LiveGateTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";
    private const string Sibling = CoordinatorScene.Pods + "redis-1-b";
    private const string Deployment = CoordinatorScene.Apps + "deployments/redis";
    private const string Set = CoordinatorScene.Apps + "replicasets/redis-1";

    [Theory]
    [InlineData(Pod, """{"metadata":{"uid":"other"}}""", BlockReason.ReportMismatch)]
    [InlineData(Pod, """{"metadata":{"labels":{"app":"other"}}}""", BlockReason.ReportMismatch)]
    [InlineData(Pod, """{"spec":{"nodeName":"node-b"}}""", BlockReason.ReportMismatch)]
    [InlineData(
        Pod,
        """{"status":{"containerStatuses":[{"name":"redis","containerID":"containerd://4567"}]}}""",
        BlockReason.ReportMismatch
    )]
    [InlineData(
        Pod,
        """{"status":{"initContainerStatuses":[{"name":"redis","containerID":"containerd://4567"}]}}""",
        BlockReason.ReportMismatch
    )]
    [InlineData(Pod, """{"metadata":{"deletionTimestamp":"2026-01-31T12:00:00Z"}}""", BlockReason.Terminating)]
    [InlineData(Pod, """{"spec":{"priorityClassName":"system-node-critical"}}""", BlockReason.Critical)]
    [InlineData(Pod, """{"spec":{"restartPolicy":"Never"}}""", BlockReason.Job)]
    [InlineData(Pod, """{"spec":{"volumes":[{"emptyDir":{}}]}}""", BlockReason.LocalStorage)]
    [InlineData(Pod, """{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}""", BlockReason.OptedOut)]
    [InlineData(Pod, """{"metadata":{"ownerReferences":null}}""", BlockReason.Unmanaged)]
    [InlineData(Set, """{"metadata":{"uid":"other"}}""", BlockReason.Unmanaged)]
    [InlineData(Deployment, """{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}""", BlockReason.OptedOut)]
    [InlineData(
        Set,
        """{"metadata":{"annotations":{"forkguard.io/restart":"false"},"ownerReferences":null}}""",
        BlockReason.OptedOut
    )]
    [InlineData(
        Sibling,
        """{"metadata":{"deletionTimestamp":"2026-01-31T12:00:00Z"}}""",
        BlockReason.SiblingTerminating
    )]
    [InlineData(
        Sibling,
        """{"status":{"conditions":[{"type":"Ready","status":"False"}]}}""",
        BlockReason.MinReadyReplicas
    )]
    [InlineData(Sibling, """{"metadata":{"ownerReferences":null}}""", BlockReason.MinReadyReplicas)]
    [InlineData("api/v1/nodes/node-a", """{"spec":{"unschedulable":true}}""", BlockReason.NodeDraining)]
    [InlineData(
        "api/v1/nodes/node-a",
        """{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""",
        BlockReason.NodeNotReady
    )]
    [InlineData(CoordinatorScene.WatchPath, """{"metadata":{"generation":2}}""", BlockReason.StaleCache)]
    [InlineData(CoordinatorScene.WatchPath, """{"metadata":{"uid":"other"}}""", BlockReason.StaleCache)]
    public async Task A_change_that_no_cache_has_blocks_the_restart(string path, string change, BlockReason reason)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(path, given => JsonChange.Merge(given, JsonNode.Parse(change)!.AsObject()));

        var blocks = await scene.DecideAsync();

        Assert.Equal(reason, blocks[0].Reason);
        Assert.Null(scene.Status);
        Assert.DoesNotContain(scene.Api.Requests, request => request.IsEviction);
    }

    [Theory]
    [InlineData(Pod, BlockReason.ReportMismatch)]
    [InlineData(Set, BlockReason.Unmanaged)]
    [InlineData(Deployment, BlockReason.Unmanaged)]
    [InlineData(CoordinatorScene.WatchPath, BlockReason.StaleCache)]
    [InlineData("api/v1/nodes/node-a", BlockReason.NodeNotReady)]
    public async Task An_object_that_went_blocks_the_restart(string path, BlockReason reason)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(path, change: null);

        var blocks = await scene.DecideAsync();

        Assert.Equal(reason, blocks[0].Reason);
        Assert.Null(scene.Status);
    }

    [Theory]
    [InlineData("""[{"name":"redis","containerID":"containerd://0123"}]""")]
    [InlineData("""[{"name":"redis","containerID":"0123"}]""")]
    [InlineData("""[{"name":"redis"}]""")]
    [InlineData("""[{"name":"exporter","containerID":"containerd://4567"}]""")]
    public async Task A_container_that_is_not_known_to_be_another_one_holds_nothing_back(string statuses)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(Pod, pod => pod["status"]!["containerStatuses"] = JsonNode.Parse(statuses));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_pod_that_ended_and_was_left_behind_holds_nothing_back()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddPod("redis-1-c");
        scene.Api.Change(
            CoordinatorScene.Pods + "redis-1-c",
            pod => pod["status"] = JsonNode.Parse("""{"phase":"Failed","reason":"Evicted"}""")
        );
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_pod_whose_grace_period_has_more_than_32_bits_is_restarted_like_any_other()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(Pod, pod => pod["spec"]!["terminationGracePeriodSeconds"] = long.MaxValue)
        );
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Single(scene.Evicted);
        Assert.Equal(3600 + 60 + 900, scene.Status!.Restart!.ReplaceWithinSeconds);
    }

    [Theory]
    [InlineData("""{"Restarts":"Off","restarts":"On"}""", true)]
    [InlineData("""{"restarts":" on "}""", true)]
    [InlineData("""{"restarts":"Off"}""", false)]
    [InlineData("""{"restarts":"anything"}""", false)]
    [InlineData("""{}""", true)]
    [InlineData("null", true)]
    public async Task The_switch_is_read_at_each_decision(string data, bool isOn)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", $$"""{"data":{{data}}}""");

        var blocks = await scene.DecideAsync();

        Assert.Equal(isOn ? [] : [BlockReason.SwitchedOff], blocks.Select(block => block.Reason));
        Assert.Equal(isOn ? 1 : 0, scene.Evicted.Count);
    }

    [Fact]
    public async Task A_switch_that_may_not_be_read_is_off()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == CoordinatorScene.Switch ? ScriptedApi.Refusal(403, "no") : null);

        var block = Assert.Single(await scene.DecideAsync());

        Assert.Equal(BlockReason.SwitchedOff, block.Reason);
        Assert.Contains("forkguard/forkguard-controller", block.Message, StringComparison.Ordinal);
        Assert.Contains("may not be read", block.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"matchLabels":{"app":"redis"}}""", """{"matchLabels":{"app":"redis"}}""", false)]
    [InlineData("""{"matchLabels":{"app":"redis"}}""", """{}""", false)]
    [InlineData("""{"matchLabels":{"app":"redis"}}""", """{"matchLabels":{"app":"web"}}""", true)]
    [InlineData("""{"matchLabels":{"app":"redis"}}""", null, true)]
    public async Task More_than_one_budget_over_the_pod_blocks_its_eviction(string first, string? second, bool passes)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Put(CoordinatorScene.Budgets, "first", $$$"""{"spec":{"selector":{{{first}}}}}""");
        scene.Put(
            CoordinatorScene.Budgets,
            "second",
            second is null ? "{}" : $$$"""{"spec":{"selector":{{{second}}}}}"""
        );

        var blocks = await scene.DecideAsync();

        Assert.Equal(passes ? [] : [BlockReason.DisruptionBudget], blocks.Select(block => block.Reason));
    }

    [Fact]
    public async Task The_node_of_the_pod_is_read_among_others()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Put("api/v1/nodes/", "node-b", """{"spec":{"unschedulable":true}}""");
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task An_opt_out_names_the_object_that_has_it()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(Deployment, deployment => OptOut(deployment));
        var block = (await scene.DecideAsync())[0];
        Assert.Contains("Deployment redis", block.Message, StringComparison.Ordinal);

        scene.Api.Change(Pod, pod => OptOut(pod));
        block = (await scene.DecideAsync())[0];
        Assert.Contains("the pod", block.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Budgets_do_not_matter_to_a_deletion()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.PutWatch(spec => Workloads.Restarting(spec, restart => restart with { Method = RestartMethod.Delete }));
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Put(CoordinatorScene.Budgets, "first", """{"spec":{"selector":{}}}""");
        scene.Put(CoordinatorScene.Budgets, "second", """{"spec":{"selector":{}}}""");

        Assert.Empty(await scene.DecideAsync());
        Assert.DoesNotContain(
            scene.Api.Requests,
            request => request.Path.EndsWith("/poddisruptionbudgets", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_opt_out_that_a_Deployment_left_on_its_ReplicaSet_does_not_count()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(
            Set,
            set =>
                JsonChange.Merge(
                    set,
                    JsonNode.Parse("""{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}""")!.AsObject()
                )
        );

        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task An_owner_that_may_not_be_read_blocks_as_Refused_and_writes_no_record()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path == Deployment ? ScriptedApi.Refusal(403, "deployments may not be read") : null
            );

        var block = Assert.Single(await scene.DecideAsync());

        Assert.Equal(BlockReason.Refused, block.Reason);
        Assert.Contains("deployments may not be read", block.Message, StringComparison.Ordinal);
        Assert.Null(scene.Status);
    }

    [Fact]
    public async Task A_server_that_asks_to_wait_while_it_is_read_blocks_as_Throttled()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == Deployment ? ScriptedApi.Refusal(429, "too many requests") : null);

        Assert.Equal(BlockReason.Throttled, Assert.Single(await scene.DecideAsync(isSlow: true)).Reason);
    }

    private static void OptOut(JsonObject given) =>
        JsonChange.Merge(
            given,
            JsonNode.Parse("""{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}""")!.AsObject()
        );
}
