using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>The calls for a pod: the trial before the decision, the call itself, and answers of any kind.</summary>
public sealed class CallTests
{
    private const string OfBudget = """{"causes":[{"reason":"DisruptionBudget","message":"needs 2"}]}""";

    [Fact]
    public async Task The_call_names_the_pod_by_uid_after_a_trial_and_two_written_states()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.PutWatch(spec => Workloads.Restarting(spec, restart => restart with { GracePeriodSeconds = 7 }));
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));

        Assert.Empty(await scene.DecideAsync());

        string[] steps =
        [
            .. scene
                .Api.Requests.Select(request =>
                    request.IsTrial ? "trial"
                    : request.IsEviction ? "call"
                    : request.Records("Decided") ? "Decided"
                    : request.Records("Called") ? "Called"
                    : request.Records("Replacing") ? "Replacing"
                    : ""
                )
                .Where(step => step.Length > 0),
        ];
        Assert.Equal(["trial", "Decided", "Called", "call", "Replacing"], steps);
        var body = JsonNode.Parse(scene.Api.Requests.Single(request => request.IsEviction).Body)!;
        Assert.Equal("redis-1-a", (string?)body["metadata"]!["name"]);
        Assert.Equal("shop", (string?)body["metadata"]!["namespace"]);
        Assert.Equal(("policy/v1", "Eviction"), ((string?)body["apiVersion"], (string?)body["kind"]));
        Assert.Equal("uid-of-redis-1-a", (string?)body["deleteOptions"]!["preconditions"]!["uid"]);
        Assert.Equal(7, (int?)body["deleteOptions"]!["gracePeriodSeconds"]);
        Assert.DoesNotContain(
            "dryRun",
            scene.Api.Requests.Single(request => request.IsEviction).Query,
            StringComparison.Ordinal
        );
        var trial = scene.Api.Requests.Single(request => request.IsTrial);
        Assert.Contains("dryRun=All", trial.Query, StringComparison.Ordinal);
        Assert.Equal("All", (string?)JsonNode.Parse(trial.Body)!["deleteOptions"]!["dryRun"]![0]);
    }

    [Fact]
    public async Task A_deletion_has_no_trial_and_names_the_pod_by_uid()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.PutWatch(spec => Workloads.Restarting(spec, restart => restart with { Method = RestartMethod.Delete }));
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            Assert.False(request.IsTrial);
            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Empty(await scene.DecideAsync());

        var call = scene.Api.Requests.Single(request => request.Method == "DELETE");
        Assert.EndsWith("/pods/redis-1-a", call.Path, StringComparison.Ordinal);
        Assert.Contains("\"uid\":\"uid-of-redis-1-a\"", call.Body, StringComparison.Ordinal);
        Assert.Empty(scene.Evicted);
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
    }

    [Theory]
    [InlineData(429, OfBudget, BlockReason.DisruptionBudget)]
    [InlineData(429, """{"causes":[{"reason":"Other"},{"reason":"DisruptionBudget"}]}""", BlockReason.DisruptionBudget)]
    [InlineData(429, "{}", BlockReason.Throttled)]
    [InlineData(429, """{"causes":[{"reason":"Other"}]}""", BlockReason.Throttled)]
    [InlineData(403, "{}", BlockReason.Refused)]
    [InlineData(500, "{}", BlockReason.Unavailable)]
    [InlineData(408, "{}", BlockReason.Unavailable)]
    [InlineData(409, "{}", BlockReason.Unavailable)]
    public async Task A_trial_that_is_refused_costs_no_decision_and_is_respected_for_a_while(
        int code,
        string details,
        BlockReason reason
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsTrial ? ScriptedApi.Refusal(code, "words of the server", details) : null);

        var block = Assert.Single(await scene.DecideAsync());

        Assert.Equal((reason, "words of the server"), (block.Reason, block.Message));
        Assert.Null(scene.Status);
        scene.Api.Intercept = null;
        var requests = scene.Api.Requests.Count;
        Assert.Equal(reason, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Time.Advance(TimeSpan.FromSeconds(9));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(requests, scene.Api.Requests.Count);
        if (reason == BlockReason.Refused)
        {
            Assert.Equal(reason, Assert.Single(await scene.DecideAsync()).Reason);
            scene.Time.Advance(TimeSpan.FromSeconds(10));
            await scene.ReportAsync(("redis-1-a", 95));
        }

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_Retry_After_is_respected()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (!request.IsTrial)
            {
                return Task.FromResult<HttpResponseMessage?>(null);
            }

            var refusal = ScriptedApi.Refusal(429, "needs 2", OfBudget);
            refusal.Headers.Add("Retry-After", "25");
            return Task.FromResult<HttpResponseMessage?>(refusal);
        };
        await scene.DecideAsync();
        scene.Api.Intercept = null;

        scene.Time.Advance(TimeSpan.FromSeconds(23));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.DisruptionBudget, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Time.Advance(TimeSpan.FromSeconds(2));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
    }

    [Theory]
    [InlineData(404, "not found")]
    [InlineData(409, "Precondition failed: UID in precondition: a, UID in object meta: b")]
    public async Task A_pod_that_the_trial_does_not_find_is_decided_by_the_objects(int code, string message)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsTrial ? ScriptedApi.Refusal(code, message) : null);

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Theory]
    [InlineData(403, RestartState.Idle, BlockReason.Refused)]
    [InlineData(422, RestartState.Idle, BlockReason.Refused)]
    [InlineData(429, RestartState.Idle, BlockReason.Throttled)]
    public async Task A_call_that_was_refused_ends_the_restart_without_a_cooldown(
        int code,
        RestartState state,
        BlockReason reason
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsEviction ? ScriptedApi.Refusal(code, "words of the server") : null);

        var block = Assert.Single(await scene.DecideAsync());

        Assert.Equal((reason, "words of the server"), (block.Reason, block.Message));
        Assert.Equal(state, scene.Status?.State);
        Assert.Null(scene.Status?.Cooldown);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(404)]
    public async Task A_call_without_a_usable_answer_is_repeated_for_the_same_pod(int code)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        var isLost = true;
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(isLost && request.IsEviction ? ScriptedApi.Refusal(code, "lost") : null);

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(RestartState.Called, scene.Status?.State);
        Assert.NotNull(scene.Status?.Cooldown);
        isLost = false;
        Assert.Equal(TimeSpan.FromSeconds(3), await scene.FollowAsync());
        Assert.Single(scene.Evicted);
        scene.Time.Advance(TimeSpan.FromSeconds(5));
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 97));
        Assert.Equal(BlockReason.Cooldown, (await scene.DecideAsync("redis-1-b"))[0].Reason);
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        Assert.Equal(["redis-1-a", "redis-1-a"], scene.Evicted);
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
    }

    [Fact]
    public async Task A_call_is_not_made_after_a_slow_write_until_its_gates_were_evaluated_again()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.Records("Called"))
            {
                scene.Api.ClockOffset = TimeSpan.FromSeconds(6);
                scene.Put(
                    "api/v1/namespaces/forkguard/configmaps/",
                    "forkguard-controller",
                    """{"data":{"restarts":"Off"}}"""
                );
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        var blocks = await scene.DecideAsync();

        Assert.Equal(BlockReason.SwitchedOff, blocks[0].Reason);
        Assert.Empty(scene.Evicted);
        Assert.Equal(RestartState.Called, scene.Status?.State);
    }

    [Fact]
    public async Task A_call_is_made_after_a_write_that_was_quick_enough()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.Records("Called"))
            {
                scene.Api.ClockOffset = TimeSpan.FromSeconds(5);
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_write_of_the_call_that_hangs_ends_and_nothing_is_called()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = async (request, token) =>
        {
            if (request.Records("Called"))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return null;
        };

        var before = scene.Time.GetUtcNow();

        var block = Assert.Single(await scene.DecideAsync(isSlow: true));

        Assert.Equal(BlockReason.Unavailable, block.Reason);
        Assert.InRange(scene.Time.GetUtcNow() - before, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7));
        Assert.Empty(scene.Evicted);
        Assert.Equal(RestartState.Decided, scene.Status?.State);
    }

    [Fact]
    public async Task In_a_dry_run_the_trial_is_the_last_gate_and_nothing_is_written()
    {
        await using var scene = await CoordinatorScene.BeginAsync(options: new RestartOptions { DryRun = true });
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Equal([BlockReason.DryRun], (await scene.DecideAsync()).Select(block => block.Reason));

        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsTrial ? ScriptedApi.Refusal(429, "needs 2", OfBudget) : null);
        scene.Time.Advance(TimeSpan.FromSeconds(3));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(
            [BlockReason.DisruptionBudget, BlockReason.DryRun],
            (await scene.DecideAsync()).Select(block => block.Reason)
        );
        Assert.Null(scene.Status);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task An_old_API_server_gets_evictions_of_the_version_that_it_names()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        foreach (var name in new[] { "empty", "empty-as-well" })
        {
            scene.Put(
                "apis/policy/v1beta1/namespaces/shop/poddisruptionbudgets/",
                name,
                """{"spec":{"selector":{}}}"""
            );
        }

        scene.Put(
            "apis/policy/v1beta1/namespaces/shop/poddisruptionbudgets/",
            "own",
            """{"spec":{"selector":{"matchLabels":{"app":"redis"}}}}"""
        );
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path == "api/v1"
                    ? ScriptedApi.Answer(
                        System.Net.HttpStatusCode.OK,
                        """{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","namespaced":true,"kind":"Pod","singularName":"","verbs":[]},{"name":"pods/eviction","namespaced":true,"group":"policy","version":"v1beta1","kind":"Eviction","singularName":"","verbs":[]}]}"""
                    )
                    : null
            );

        // In v1beta1 an empty selector selects nothing.
        Assert.Empty(await scene.DecideAsync());

        Assert.Contains(
            "policy/v1beta1",
            scene.Api.Requests.Single(request => request.IsEviction).Body,
            StringComparison.Ordinal
        );
        Assert.Single(scene.Api.Requests, request => request.Path == "api/v1");
    }
}
