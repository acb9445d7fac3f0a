using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>What follows a call: the replacement, its proof, and the events that show it.</summary>
public sealed class FollowTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";

    [Fact]
    public async Task A_replacement_that_stays_low_for_the_proof_has_helped()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await ReplaceAsync(scene);
        Assert.Equal(RestartState.Proving, scene.Status?.State);
        Assert.Equal("uid-of-redis-1-c", scene.Status?.Restart?.Replacement?.Pod.Uid);

        await ProveAsync(scene, 20, TimeSpan.FromMinutes(61));

        Assert.Equal(("Idle", "Helped"), (scene.Status?.State?.Text, scene.Status?.Result?.Text));
        await scene.EventAsync("ForkRestartHelped", "ForkWatch");
        await scene.EventAsync("ForkRestartHelped", "Deployment");
        Assert.Contains("redis-1-c", await scene.EventAsync("ForkRestartHelped", "Pod"), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), await scene.FollowAsync());
    }

    [Fact]
    public async Task A_replacement_that_grows_again_did_not_help()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await ReplaceAsync(scene);

        await ProveAsync(scene, 95, TimeSpan.FromMinutes(1));

        Assert.Equal("DidNotHelp", scene.Status?.Result?.Text);
        Assert.Contains(
            "\"Warning\"",
            await scene.EventAsync("ForkRestartIneffective", "Deployment"),
            StringComparison.Ordinal
        );
        AssertNoStop(scene);
    }

    [Fact]
    public async Task The_third_failure_in_the_cluster_emits_that_restarts_stopped()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await ReplaceAsync(scene);
        scene.AddRecord("shop", "one", "Idle", "node-b", "DidNotHelp");
        scene.AddRecord("shop", "two", "Idle", "node-b", "NotReplaced");

        await ProveAsync(scene, 95, TimeSpan.FromMinutes(1));

        Assert.Contains(
            "3 restarts in the cluster failed within an hour",
            await scene.EventAsync("ForkRestartsStopped", "ForkWatch"),
            StringComparison.Ordinal
        );
        Assert.True(scene.IsCircuitOpen);
    }

    [Fact]
    public async Task A_fourth_failure_emits_nothing_more()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await ReplaceAsync(scene);
        foreach (var name in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", name, "Idle", "node-b", "DidNotHelp");
        }

        await ProveAsync(scene, 95, TimeSpan.FromMinutes(1));

        await scene.EventAsync("ForkRestartIneffective", "Deployment");
        AssertNoStop(scene);
    }

    [Fact]
    public async Task An_accepted_call_is_an_event_on_pod_workload_and_watch()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());

        foreach (var kind in new[] { "Pod", "Deployment", "ForkWatch" })
        {
            var note = await scene.EventAsync("ForkRestart", kind);
            Assert.Contains("restarted by Evict; ", note, StringComparison.Ordinal);
            Assert.Contains("\"Warning\"", note, StringComparison.Ordinal);
        }

        Assert.Contains(
            "pod redis-1-a restarted",
            await scene.EventAsync("ForkRestart", "Deployment"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_replacement_is_looked_at_every_three_seconds_and_its_proof_every_half_minute()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        Assert.Equal(TimeSpan.FromSeconds(3), await scene.FollowAsync());

        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        await scene.FollowAsync();

        Assert.Equal(TimeSpan.FromSeconds(30), await scene.FollowAsync());
    }

    [Fact]
    public async Task A_replacement_that_ended_ends_the_proof()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await ReplaceAsync(scene);
        scene.Api.Change(
            CoordinatorScene.Pods + "redis-1-c",
            pod => pod["status"] = JsonNode.Parse("""{"phase":"Failed","reason":"Evicted"}""")
        );

        await scene.FollowAsync();

        Assert.Equal("Unproven", scene.Status?.Result?.Text);
    }

    [Fact]
    public async Task A_step_that_is_due_within_a_second_is_made_after_a_second()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        var accepted = scene.Status!.Restart!.AcceptedTime!.Value;
        var until = accepted.AddSeconds(scene.Status.Restart.ReplaceWithinSeconds);

        await scene.AdvanceAsync(until - scene.Time.GetUtcNow() - TimeSpan.FromMinutes(1));
        await scene.FollowAsync();
        scene.Time.Advance(until - scene.Time.GetUtcNow() - TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), await scene.FollowAsync());
        scene.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(TimeSpan.FromSeconds(1), await scene.FollowAsync());
    }

    [Theory]
    [InlineData(14, null)]
    [InlineData(17, "NotReplaced")]
    public async Task A_pod_that_is_not_replaced_ends_the_restart_after_its_time(int minutes, string? result)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);

        await scene.AdvanceAsync(TimeSpan.FromMinutes(minutes));
        await scene.FollowAsync();

        Assert.Equal(result, scene.Status?.Result?.Text);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(400)]
    public async Task A_restart_whose_workload_cannot_be_read_ends_by_its_time_alone(int code)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path.EndsWith("/deployments/redis", StringComparison.Ordinal)
                    ? ScriptedApi.Refusal(code, "no")
                    : null
            );

        await Assert.ThrowsAnyAsync<Exception>(() => scene.FollowAsync());
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
        await scene.AdvanceAsync(TimeSpan.FromMinutes(18));
        await scene.FollowAsync();

        Assert.Equal("NotReplaced", scene.Status?.Result?.Text);
    }

    [Theory]
    [InlineData("""{"spec":{"template":{"spec":{"hostNetwork":true}}}}""", "Superseded")]
    [InlineData("""{"spec":{"replicas":1}}""", "Superseded")]
    [InlineData("""{"metadata":{"uid":"other"}}""", "OwnerGone")]
    [InlineData(null, "OwnerGone")]
    public async Task A_workload_that_changed_ends_the_restart(string? change, string result)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        const string Deployment = CoordinatorScene.Apps + "deployments/redis";
        if (change is null)
        {
            scene.Api.Remove(Deployment);
        }
        else
        {
            scene.Api.Change(
                Deployment,
                deployment => JsonChange.Merge(deployment, JsonNode.Parse(change)!.AsObject())
            );
        }

        await scene.FollowAsync();

        Assert.Equal(result, scene.Status?.Result?.Text);
        Assert.NotNull(scene.Status?.Cooldown);
    }

    [Fact]
    public async Task A_pod_of_another_ReplicaSet_of_the_Deployment_counts_among_its_pods()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Put(
            CoordinatorScene.Apps + "replicasets/",
            "redis-2",
            """{"metadata":{"labels":{"app":"redis"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"redis","uid":"uid-of-redis","controller":true}]},"spec":{}}"""
        );
        scene.AddPod("redis-2-a", "redis-2");
        scene.AddPod("foreign", "of-another");
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(
            ["uid-of-redis-1-a", "uid-of-redis-1-b", "uid-of-redis-2-a"],
            scene.Status!.Restart!.Siblings.Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task A_record_is_removed_a_week_after_its_restart_and_decides_nothing_before()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.Api.Remove(CoordinatorScene.Apps + "deployments/redis");
        await scene.FollowAsync();
        Assert.Equal("OwnerGone", scene.Status?.Result?.Text);

        await scene.AdvanceAsync(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        await scene.FollowAsync();
        Assert.NotNull(scene.Record);
        scene.Time.Advance(TimeSpan.FromMinutes(2));
        await scene.FollowAsync();

        Assert.Null(scene.Record);
        var removal = scene.Api.Requests.Single(request => request.Method == "DELETE");
        var options = JsonNode.Parse(removal.Body)!;
        Assert.Equal(("v1", "DeleteOptions"), ((string?)options["apiVersion"], (string?)options["kind"]));
        Assert.NotNull(options["preconditions"]!["resourceVersion"]);
        Assert.NotNull(options["preconditions"]!["uid"]);
    }

    [Theory]
    [InlineData("forkguard", "lease-1", true)]
    [InlineData("other", "lease-2", false)]
    public async Task A_record_of_another_Lease_is_taken_over_only_if_that_is_not_held(
        string ns,
        string uid,
        bool isTaken
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddLease("forkguard", CoordinatorScene.LeaseUid, "pod-1");
        scene.AddLease("other", "lease-2", "pod-2");
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record =>
            {
                record["status"]!["writer"]!["leaseUid"] = uid;
                record["status"]!["writer"]!["leaseNamespace"] = ns;
            }
        );

        await scene.FollowAsync();

        Assert.Equal(isTaken ? RestartState.Proving : RestartState.Replacing, scene.Status?.State?.Known);
    }

    private static void AssertNoStop(CoordinatorScene scene) =>
        Assert.DoesNotContain(
            scene.Api.Requests,
            request => request.Body.Contains("ForkRestartsStopped", StringComparison.Ordinal)
        );

    private static async Task ReplaceAsync(CoordinatorScene scene)
    {
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        await scene.FollowAsync();
    }

    private static async Task ProveAsync(CoordinatorScene scene, int percent, TimeSpan during)
    {
        var start = scene.Time.GetUtcNow();
        while (scene.Time.GetUtcNow() - start < during && scene.Status?.State == RestartState.Proving)
        {
            scene.Time.Advance(TimeSpan.FromSeconds(during.TotalSeconds / 20));
            await scene.ReportAsync(("redis-1-c", percent));
            await scene.FollowAsync();
        }
    }
}
