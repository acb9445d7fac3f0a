using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Decisions beside other records, conflicts and earlier refusals.</summary>
public sealed class DecisionTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";

    [Fact]
    public async Task What_the_caches_object_to_costs_no_request()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change("api/v1/nodes/node-a", node => node["spec"] = new JsonObject { ["unschedulable"] = true });
        await scene.ReportAsync(("redis-1-a", 95));
        var requests = scene.Api.Requests.Count;

        Assert.Equal([BlockReason.NodeDraining], (await scene.DecideAsync()).Select(block => block.Reason));
        Assert.Equal(requests, scene.Api.Requests.Count);
    }

    [Fact]
    public async Task A_pod_that_went_is_a_mismatch_although_the_cache_has_it()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(Pod, change: null);

        Assert.Equal(BlockReason.ReportMismatch, (await scene.DecideAsync())[0].Reason);
    }

    [Fact]
    public async Task What_the_API_server_objects_to_is_asked_again_less_and_less_often()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", """{"data":{"restarts":"Off"}}""");
        var asked = new List<int>();
        for (var second = 0; second < 40; second++)
        {
            var requests = scene.Api.Requests.Count;
            Assert.Equal(BlockReason.SwitchedOff, (await scene.DecideAsync())[0].Reason);
            if (scene.Api.Requests.Count > requests)
            {
                asked.Add(second);
            }

            await scene.ReportAsync(("redis-1-a", 95));
        }

        Assert.Equal([0, 2, 6, 14, 30], asked);
    }

    [Fact]
    public async Task A_refusal_is_forgotten_with_the_spec_that_it_was_for()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", """{"data":{"restarts":"Off"}}""");
        Assert.Equal(BlockReason.SwitchedOff, (await scene.DecideAsync())[0].Reason);

        scene.Api.Remove(CoordinatorScene.Switch);
        scene.PutWatch(spec => Workloads.Restarting(spec) with { ActAtPercent = 91 }, generation: 2);
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_restart_that_is_not_wanted_any_more_is_not_done()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = async (request, _) =>
        {
            if (request.IsTrial)
            {
                await scene.ReportAsync(("redis-1-a", 20));
            }

            return null;
        };

        Assert.Empty(await scene.DecideAsync());

        Assert.Empty(scene.Evicted);
        Assert.NotEqual(RestartState.Called, scene.Status?.State);
    }

    [Fact]
    public async Task A_restart_of_a_process_that_ended_is_not_done()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = async (request, _) =>
        {
            if (request.IsTrial)
            {
                await scene.ReportAsync();
            }

            return null;
        };

        Assert.Empty(await scene.DecideAsync());

        Assert.Empty(scene.Evicted);
    }

    [Theory]
    [InlineData("Decided", 1)]
    [InlineData("Decided", 3)]
    [InlineData("Called", 1)]
    public async Task A_conflict_is_decided_again_and_the_pod_is_restarted_once(string state, int conflicts)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var left = conflicts;
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Records(state) && left-- > 0 ? ScriptedApi.Refusal(409, "modified") : null);

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(["redis-1-a"], scene.Evicted);
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
    }

    [Fact]
    public async Task A_record_that_keeps_changing_ends_the_decision_as_Conflict()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Records("Decided") ? ScriptedApi.Refusal(409, "modified") : null);

        Assert.Equal(BlockReason.Conflict, Assert.Single(await scene.DecideAsync()).Reason);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task A_record_of_another_workload_under_the_same_name_is_a_conflict()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var path = CoordinatorScene.RecordPath;
        scene.Put(
            path[..(path.LastIndexOf('/') + 1)],
            path.Split('/')[^1],
            """{"spec":{"owner":{"apiVersion":"apps/v1","kind":"Deployment","name":"other"}}}"""
        );

        Assert.Equal(BlockReason.Conflict, Assert.Single(await scene.DecideAsync()).Reason);
        Assert.Empty(scene.Evicted);
    }

    [Theory]
    [InlineData("Replacing", "node-a", "shop", true)]
    [InlineData("Replacing", "node-b", "shop", false)]
    [InlineData("Proving", "node-a", "shop", false)]
    public async Task Restarts_of_other_workloads_count_in_the_budgets(
        string state,
        string node,
        string ns,
        bool blocks
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.AddRecord(ns, "other", state, node);

        var found = await scene.DecideAsync();

        Assert.Equal(blocks ? [BlockReason.Budget] : [], found.Select(block => block.Reason));
    }

    [Fact]
    public async Task A_budget_that_no_cache_has_blocks_the_restart()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.IsTrial)
            {
                scene.Api.Intercept = null;
                scene.AddRecord("shop", "other", "Called", "node-a");
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Equal(BlockReason.Budget, (await scene.DecideAsync())[0].Reason);

        Assert.Empty(scene.Evicted);
        Assert.Equal(RestartState.Idle, scene.Status?.State);
    }

    [Fact]
    public async Task Three_failures_in_the_cluster_open_the_circuit()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.False(scene.IsCircuitOpen);
        foreach (var name in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", name, "Idle", "node-b", "DidNotHelp");
        }

        Assert.Equal(BlockReason.CircuitOpen, (await scene.DecideAsync())[0].Reason);
        Assert.True(scene.IsCircuitOpen);
    }

    [Fact]
    public async Task Without_a_term_nothing_is_decided()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Term.End();

        Assert.Equal(BlockReason.NotLeader, (await scene.DecideAsync())[0].Reason);
        Assert.DoesNotContain(scene.Api.Requests, request => request.IsTrial);
    }

    [Fact]
    public async Task A_term_that_ends_during_the_decision_ends_it()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.Records("Decided"))
            {
                scene.Term.End();
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Equal(BlockReason.NotLeader, Assert.Single(await scene.DecideAsync()).Reason);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task A_record_of_a_later_term_ends_the_term()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Change(CoordinatorScene.RecordPath, record => record["status"]!["writer"]!["leaseTransitions"] = 4);

        await scene.FollowAsync();

        Assert.False(scene.Term.IsCurrent);
    }

    [Fact]
    public async Task While_the_server_s_dates_disagree_nothing_is_decided()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            HttpResponseMessage? answer = null;
            if (request.Path == Pod && request.Method == "GET")
            {
                answer = ScriptedApi.Answer(System.Net.HttpStatusCode.OK, scene.Api.Get(Pod)!.ToJsonString());
                answer.Headers.Date = scene.Time.GetUtcNow() + TimeSpan.FromHours(2);
            }

            return Task.FromResult(answer);
        };

        Assert.Equal(BlockReason.StaleCache, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Time.Advance(TimeSpan.FromSeconds(3));
        await scene.ReportAsync(("redis-1-a", 95));
        var requests = scene.Api.Requests.Count;
        Assert.Equal(BlockReason.StaleCache, Assert.Single(await scene.DecideAsync()).Reason);
        Assert.Equal(requests, scene.Api.Requests.Count);
        Assert.Null(scene.Status);
    }

    [Fact]
    public async Task One_answer_with_a_date_that_no_clock_shows_does_not_end_all_restarts()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.Path != Pod || request.Method != "GET")
            {
                return Task.FromResult<HttpResponseMessage?>(null);
            }

            scene.Api.Intercept = null;
            var answer = ScriptedApi.Answer(System.Net.HttpStatusCode.OK, scene.Api.Get(Pod)!.ToJsonString());
            answer.Headers.Date = new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
            return Task.FromResult<HttpResponseMessage?>(answer);
        };

        for (var second = 0; second < 120 && scene.Evicted.Count == 0; second += 10)
        {
            await scene.DecideAsync();
            scene.Time.Advance(TimeSpan.FromSeconds(10));
            await scene.ReportAsync(("redis-1-a", 95));
            await scene.ReportAsync(("redis-1-a", 95));
        }

        Assert.Equal(["redis-1-a"], scene.Evicted);
    }

    [Fact]
    public async Task The_record_has_what_the_request_was()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(Pod, pod => pod["spec"]!["terminationGracePeriodSeconds"] = 40)
        );
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        var record = scene.Record!;
        Assert.Equal(("Deployment", "redis"), (record.Spec.Owner.Kind, record.Spec.Owner.Name));
        Assert.Equal("pod-1", record.Status!.Writer!.Identity);
        Assert.Equal(
            ("forkguard", CoordinatorScene.LeaseUid, 3),
            (record.Status.Writer.LeaseNamespace, record.Status.Writer.LeaseUid, record.Status.Writer.LeaseTransitions)
        );
        var run = record.Status.Restart!;
        Assert.Equal(("uid-of-redis-1-a", "node-a", "zone-a"), (run.Pod.Uid, run.Node, run.Zone));
        Assert.Equal(("uid-of-redis", "uid-of-redis-1", 2), (run.OwnerUid, run.ControllerUid, run.Replicas));
        Assert.Equal(
            ["uid-of-redis-1-a", "uid-of-redis-1-b"],
            run.Siblings.Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        Assert.Equal(40 + 60 + 900, run.ReplaceWithinSeconds);
        Assert.Equal(("redis", "redis-server", Stage.Limit), (run.Container, run.Command, run.Limit));
        Assert.Equal(("uid-of-watch", 1), (run.Watch.Uid, run.Watch.Generation));
        Assert.Contains("95 %", run.Reason, StringComparison.Ordinal);
        Assert.Equal(RestartNames.Hash("""{"spec":{}}"""), run.TemplateHash);
        Assert.Equal(TimeSpan.FromHours(1), record.Status.Cooldown!.Until - record.Status.Cooldown.Since);
    }
}
