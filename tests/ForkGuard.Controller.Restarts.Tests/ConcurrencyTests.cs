using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Decisions, records and caches that meet in time.</summary>
public sealed class ConcurrencyTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";

    [Fact]
    public async Task A_record_is_followed_only_after_the_decision_about_its_workload()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        (TimeSpan? Again, int Requests) during = default;
        scene.Api.Intercept = async (request, _) =>
        {
            if (request.IsEviction)
            {
                var requests = scene.Api.Requests.Count;
                during = (await scene.FollowAsync(), scene.Api.Requests.Count - requests);
            }

            return null;
        };

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal((TimeSpan.FromSeconds(1), 0), during);
        Assert.Equal(TimeSpan.FromSeconds(3), await scene.FollowAsync());
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task Decisions_are_made_one_at_a_time()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        var held = new TaskCompletionSource();
        scene.Api.Intercept = async (request, token) =>
        {
            if (request.IsTrial)
            {
                await held.Task.WaitAsync(token);
            }

            return null;
        };
        var first = scene.DecideAsync("redis-1-a");
        await Condition.HoldsAsync(
            () => scene.Api.Requests.Any(request => request.IsTrial),
            "the trial of the first decision",
            TestContext.Current.CancellationToken
        );
        var requests = scene.Api.Requests.Count;

        var second = scene.DecideAsync("redis-1-b");

        Assert.Equal(requests, scene.Api.Requests.Count);
        held.SetResult();
        Assert.Empty(await first);
        Assert.Equal(BlockReason.SiblingTerminating, (await second)[0].Reason);
        Assert.Equal(["redis-1-a"], scene.Evicted);
        Assert.Single(scene.Api.Requests, request => request.IsTrial);
    }

    [Fact]
    public async Task A_restart_in_progress_is_not_requested_again()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        await AssertNoRequestAsync(scene);

        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        await scene.FollowAsync();

        Assert.Equal(RestartState.Proving, scene.Status?.State);
        await AssertNoRequestAsync(scene);
        Assert.Single(scene.Evicted);
    }

    [Fact]
    public async Task A_record_that_was_deleted_holds_nothing_back()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        var record = scene.Record!;
        scene.Api.Remove(CoordinatorScene.RecordPath);
        await scene.ForgetAsync(record);
        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-a");
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(["redis-1-a", "redis-1-a"], scene.Evicted);
    }

    [Fact]
    public async Task A_written_record_counts_although_no_cache_has_it()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        await RefuseAsync(scene);
        scene.Api.IsBehind = true;
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
        var requests = scene.Api.Requests.Count(IsOfDecision);

        var blocks = await scene.DecideAsync("redis-1-b");

        Assert.Contains(BlockReason.Cooldown, blocks.Select(block => block.Reason));
        Assert.Equal(requests, scene.Api.Requests.Count(IsOfDecision));
    }

    [Fact]
    public async Task A_new_record_is_created_once_and_known_before_any_cache_has_it()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.IsBehind = true;
        Assert.Empty(await scene.DecideAsync());
        Assert.Single(
            scene.Api.Requests,
            request => request.Method == "POST" && request.Path.EndsWith("/forkrestarts", StringComparison.Ordinal)
        );

        await AssertNoRequestAsync(scene);
    }

    [Fact]
    public async Task Of_two_decisions_at_once_the_later_one_withdraws()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var isDecided = false;
        scene.Api.Intercept = (request, _) =>
        {
            if (isDecided)
            {
                isDecided = false;
                scene.AddRecord("shop", "other", "Decided", "node-a");
            }

            isDecided |= request.Records("Decided");
            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(["redis-1-a"], scene.Evicted);
    }

    [Fact]
    public async Task A_record_that_changed_after_it_was_written_counts_as_it_is()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        scene.Api.Change(Pod, pod => pod["metadata"]!.AsObject().Remove("deletionTimestamp"));
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record =>
            {
                record["status"]!["state"] = "Idle";
                record["status"]!.AsObject().Remove("restart");
                record["status"]!.AsObject().Remove("cooldown");
            }
        );

        Assert.Empty(await scene.DecideAsync("redis-1-b"));
        Assert.Equal(["redis-1-a", "redis-1-b"], scene.Evicted);
    }

    /// <summary>Leaves a record of a restart that was refused, and that holds nothing back.</summary>
    private static async Task RefuseAsync(CoordinatorScene scene)
    {
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsEviction ? ScriptedApi.Refusal(403, "no") : null);
        Assert.NotEmpty(await scene.DecideAsync("redis-1-a"));
        Assert.Equal(RestartState.Idle, scene.Status?.State);
        scene.Api.Intercept = null;
        scene.Time.Advance(TimeSpan.FromSeconds(21));
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
    }

    private static async Task AssertNoRequestAsync(CoordinatorScene scene)
    {
        var requests = scene.Api.Requests.Count(IsOfDecision);
        Assert.Empty(await scene.DecideAsync("redis-1-a"));
        Assert.Equal(requests, scene.Api.Requests.Count(IsOfDecision));
    }

    // Events are emitted meanwhile.
    private static bool IsOfDecision(ScriptedRequest request) =>
        !request.Path.EndsWith("/events", StringComparison.Ordinal);
}
