using ForkGuard.Controller.Restarts.Tests.Scenes;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Metrics of restarts, and events of those that end in other ways than by a proof.</summary>
public sealed class ReporterTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";
    private const string Deployment = CoordinatorScene.Apps + "deployments/redis";

    [Fact]
    public async Task Accepted_calls_and_results_are_counted_by_method()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        Assert.Equal(["Evict Accepted"], scene.Counted);
        scene.Api.Remove(Deployment);
        await scene.FollowAsync();

        Assert.Equal(["Evict Accepted", "Evict OwnerGone"], scene.Counted);
    }

    [Fact]
    public async Task Transitions_and_blocks_are_logged()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        Assert.NotEmpty(await scene.DecideAsync("redis-1-b"));

        string[] restarts = [.. scene.Log.Where(line => line.Contains("pod ", StringComparison.Ordinal))];
        Assert.Collection(
            restarts,
            line => Assert.Contains("Idle -> Decided", line, StringComparison.Ordinal),
            line => Assert.Contains("Decided -> Called", line, StringComparison.Ordinal),
            line => Assert.Contains("Called -> Replacing", line, StringComparison.Ordinal),
            line => Assert.Contains("pod shop/redis-1-b is not restarted", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_refused_call_is_counted_as_Refused()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsEviction ? ScriptedApi.Refusal(403, "no") : null);

        Assert.NotEmpty(await scene.DecideAsync());

        Assert.Equal(["Evict Refused"], scene.Counted);
    }

    [Fact]
    public async Task A_withdrawn_restart_is_not_counted_and_emits_nothing()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsEviction ? ScriptedApi.Refusal(429, "wait") : null);

        Assert.NotEmpty(await scene.DecideAsync());

        Assert.Empty(scene.Counted);
        Assert.DoesNotContain(
            scene.Api.Requests,
            request => request.Path.EndsWith("/events", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_restart_that_proves_nothing_emits_a_Normal_event_with_the_reason()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.Api.Change(Deployment, deployment => deployment["spec"]!["replicas"] = 1);

        await scene.FollowAsync();

        foreach (var kind in new[] { "Deployment", "ForkWatch" })
        {
            var ended = await scene.EventAsync("ForkRestartEnded", kind);
            Assert.Contains("\"Normal\"", ended, StringComparison.Ordinal);
            Assert.Contains("restart of pod redis-1-a: Superseded, ", ended, StringComparison.Ordinal);
            Assert.Contains("scaled down", ended, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_third_pod_that_is_not_replaced_stops_restarts()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await FailTwiceBesideAsync(scene);
        await scene.AdvanceAsync(TimeSpan.FromMinutes(17));

        await scene.FollowAsync();

        Assert.Contains(
            "\"Warning\"",
            await scene.EventAsync("ForkRestartIneffective", "Deployment"),
            StringComparison.Ordinal
        );
        await scene.EventAsync("ForkRestartsStopped", "ForkWatch");
        Assert.True(scene.IsCircuitOpen);
    }

    [Fact]
    public async Task A_changed_workload_is_not_the_third_failure()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await FailTwiceBesideAsync(scene);
        scene.Api.Change(Deployment, deployment => deployment["spec"]!["replicas"] = 1);

        await scene.FollowAsync();

        await scene.EventAsync("ForkRestartEnded", "Deployment");
        Assert.DoesNotContain(
            scene.Api.Requests,
            request => request.Body.Contains("ForkRestartsStopped", StringComparison.Ordinal)
        );
        Assert.False(scene.IsCircuitOpen);
    }

    private static async Task FailTwiceBesideAsync(CoordinatorScene scene)
    {
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        scene.AddRecord("shop", "one", "Idle", "node-b", "DidNotHelp");
        scene.AddRecord("shop", "two", "Idle", "node-b", "DidNotHelp");
    }
}
