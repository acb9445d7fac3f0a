using System.Text.Json.Nodes;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Objections of objects that the caches have: they cost no request.</summary>
public sealed class LocalGateTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";
    private const string Sibling = CoordinatorScene.Pods + "redis-1-b";

    [Theory]
    [InlineData(Pod, """{"metadata":{"deletionTimestamp":"2026-01-31T12:00:00Z"}}""", BlockReason.Terminating)]
    [InlineData(Pod, """{"spec":{"nodeName":"node-b"}}""", BlockReason.ReportMismatch)]
    [InlineData(Pod, """{"spec":{"priorityClassName":"system-node-critical"}}""", BlockReason.Critical)]
    [InlineData(Pod, """{"spec":{"restartPolicy":"Never"}}""", BlockReason.Job)]
    [InlineData(Pod, """{"spec":{"volumes":[{"emptyDir":{}}]}}""", BlockReason.LocalStorage)]
    [InlineData(Pod, """{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}""", BlockReason.OptedOut)]
    [InlineData(Pod, """{"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}}}""", BlockReason.Static)]
    [InlineData(Pod, """{"metadata":{"ownerReferences":null}}""", BlockReason.Unmanaged)]
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
    [InlineData("api/v1/nodes/node-a", """{"spec":{"unschedulable":true}}""", BlockReason.NodeDraining)]
    [InlineData(
        "api/v1/nodes/node-a",
        """{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""",
        BlockReason.NodeNotReady
    )]
    public async Task A_change_that_the_caches_have_costs_no_request(string path, string change, BlockReason reason)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Change(path, given => JsonChange.Merge(given, JsonNode.Parse(change)!.AsObject()));

        await AssertBlockedAsync(scene, reason);
    }

    [Fact]
    public async Task A_pod_that_the_caches_lost_costs_no_request()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Remove(Pod);

        await AssertBlockedAsync(scene, BlockReason.ReportMismatch);
    }

    [Fact]
    public async Task A_restart_in_progress_that_the_caches_have_costs_no_request()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.AddRecord("shop", "other", "Replacing", "node-a");

        await AssertBlockedAsync(scene, BlockReason.Budget);
    }

    [Fact]
    public async Task A_restart_in_progress_counts_once_the_workload_of_the_pod_is_known_as_well()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await KnowOwnerAsync(scene);
        scene.AddRecord("shop", "other", "Replacing", "node-a");

        await AssertBlockedAsync(scene, BlockReason.Budget);
    }

    [Fact]
    public async Task The_workload_is_named_as_far_as_it_is_known()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Change(Sibling, EndReadiness);
        Assert.Contains("ReplicaSet redis-1", (await scene.DecideAsync())[0].Message, StringComparison.Ordinal);
        scene.Api.Change(Sibling, sibling => sibling["status"]!["conditions"]![0]!["status"] = "True");
        await KnowOwnerAsync(scene);
        scene.Api.Change(Sibling, EndReadiness);

        Assert.Contains("Deployment redis", (await scene.DecideAsync())[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_silent_for_too_long_blocks_the_restart()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Time.Advance(TimeSpan.FromSeconds(149));
        await scene.ReportAsync(("redis-1-a", 95));

        scene.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(BlockReason.StaleCache, (await scene.DecideAsync())[0].Reason);
    }

    [Fact]
    public async Task A_circuit_that_the_records_of_the_caches_open_costs_no_request()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        foreach (var name in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", name, "Idle", "node-b", "NotReplaced");
        }

        await AssertBlockedAsync(scene, BlockReason.CircuitOpen);
    }

    [Fact]
    public async Task The_record_of_the_workload_counts_for_its_other_pods_without_a_request()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        scene.Api.Change(Pod, pod => pod["metadata"]!.AsObject().Remove("deletionTimestamp"));

        await AssertBlockedAsync(scene, BlockReason.Cooldown, "redis-1-b");
    }

    [Fact]
    public async Task An_answer_that_asks_to_wait_costs_no_request_meanwhile()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsTrial ? ScriptedApi.Refusal(429, "wait") : null);
        Assert.Equal(BlockReason.Throttled, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Time.Advance(TimeSpan.FromSeconds(5));
        await scene.ReportAsync(("redis-1-a", 95));

        await AssertBlockedAsync(scene, BlockReason.Throttled);
    }

    private static void EndReadiness(JsonObject pod) => pod["status"]!["conditions"]![0]!["status"] = "False";

    /// <summary>Has the controller read the workload of the pod.</summary>
    private static async Task KnowOwnerAsync(CoordinatorScene scene)
    {
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", """{"data":{"restarts":"Off"}}""");
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.SwitchedOff, (await scene.DecideAsync())[0].Reason);
    }

    private static async Task AssertBlockedAsync(CoordinatorScene scene, BlockReason reason, string? pod = null)
    {
        var requests = Reads(scene);
        Assert.Equal(reason, (await scene.DecideAsync(pod))[0].Reason);
        Assert.Equal(requests, Reads(scene));
    }

    // Streams are opened again, and events emitted, meanwhile.
    private static int Reads(CoordinatorScene scene) =>
        scene.Api.Requests.Count(request =>
            request.Path.Contains("/namespaces/shop/", StringComparison.Ordinal)
            && !request.Path.EndsWith("/events", StringComparison.Ordinal)
        );
}
