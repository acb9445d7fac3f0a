using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Records that someone else wrote, with times of the year 9999.</summary>
public sealed class FutureRecordTests
{
    private const string Year = "9999-12-31T23:59:59Z";

    [Fact]
    public async Task Times_of_the_year_9999_hold_the_workload_back_for_a_week()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await KnowOwnerAsync(scene);
        Forge(
            scene,
            Past("DidNotHelp"),
            $$"""{"since":"{{Year}}","until":"{{Year}}","watch":"ForkWatch shop/redis"}"""
        );
        Assert.Equal([BlockReason.Cooldown], (await scene.DecideAsync()).Select(block => block.Reason));

        await scene.FollowAsync();

        Assert.Equal(scene.Time.GetUtcNow(), scene.Status!.Cooldown!.Since);
        Assert.Equal(scene.Time.GetUtcNow().AddDays(7), scene.Status.Cooldown.Until);
        Assert.Equal(scene.Time.GetUtcNow(), Assert.Single(scene.Status.History!).EndedTime);
        await scene.AdvanceAsync(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1));
        await scene.FollowAsync();
        Assert.Null(scene.Record);
    }

    [Fact]
    public async Task Failed_calls_of_the_year_9999_hold_the_workload_back_for_a_week()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await KnowOwnerAsync(scene);
        var failed = Past("CallFailed")[1..^1];
        Forge(
            scene,
            $"[{failed},{failed}]",
            $$"""{"since":"2026-01-31T12:00:00Z","until":"{{Year}}","watch":"ForkWatch shop/redis"}"""
        );
        Assert.Equal([BlockReason.Cooldown], (await scene.DecideAsync()).Select(block => block.Reason));
        await scene.FollowAsync();
        await scene.AdvanceAsync(TimeSpan.FromDays(7));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task A_cooldown_that_ends_before_it_began_holds_nothing_back()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await KnowOwnerAsync(scene);
        const string Until = "2026-01-31T11:00:00Z";
        Forge(scene, "[]", $$"""{"since":"{{Year}}","until":"{{Until}}","watch":"ForkWatch shop/redis"}""");
        Assert.Equal([BlockReason.Cooldown], (await scene.DecideAsync()).Select(block => block.Reason));

        await scene.FollowAsync();

        Assert.Equal(scene.Status!.Cooldown!.Until, scene.Status.Cooldown.Since);
        scene.Time.Advance(TimeSpan.FromSeconds(3));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task Failures_of_the_year_9999_stop_the_restarts_of_others_for_an_hour()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        foreach (var owner in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", owner, "Idle", "node-b", "DidNotHelp", Year);
        }

        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.CircuitOpen, (await scene.DecideAsync())[0].Reason);
        foreach (var record in scene.Records)
        {
            await scene.FollowAsync(record: record);
        }

        await scene.AdvanceAsync(TimeSpan.FromMinutes(61));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task Failures_of_the_year_9999_in_records_of_a_later_version_stop_no_restart()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        foreach (var owner in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", owner, "Rehearsing", "node-b", "DidNotHelp", Year);
        }

        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.False(scene.IsCircuitOpen);
    }

    [Fact]
    public async Task Failures_in_records_of_a_later_version_stop_restarts_for_an_hour()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        foreach (var owner in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", owner, "Rehearsing", "node-b", "DidNotHelp");
        }

        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.CircuitOpen, (await scene.DecideAsync())[0].Reason);
        await scene.AdvanceAsync(TimeSpan.FromMinutes(61));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("DidNotHelp")]
    public async Task A_record_of_a_later_version_is_read_once_an_hour(string? result)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddRecord("shop", "other", "Rehearsing", "node-a", result);

        Assert.Equal(TimeSpan.FromHours(1), await scene.FollowAsync());
        Assert.Equal("Rehearsing", Assert.Single(scene.Records).Status?.State?.Text);
    }

    [Fact]
    public async Task A_restart_of_the_year_9999_whose_workload_cannot_be_read_ends_by_its_time()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.AddRecord("shop", "other", "Replacing", "node-a", time: Year);
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path.EndsWith("/deployments/other", StringComparison.Ordinal)
                    ? ScriptedApi.Refusal(403, "no")
                    : null
            );
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.Budget, (await scene.DecideAsync())[0].Reason);

        await Assert.ThrowsAnyAsync<Exception>(() => scene.FollowAsync());
        await scene.AdvanceAsync(TimeSpan.FromMinutes(16));
        await scene.FollowAsync();

        Assert.Equal("NotReplaced", Assert.Single(scene.Records).Status?.Result?.Text);
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
    }

    [Theory]
    [InlineData("Replacing", null)]
    [InlineData("Idle", "DidNotHelp")]
    public async Task A_record_whose_name_is_not_that_of_its_workload_holds_nothing_back(string state, string? result)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        foreach (var owner in new[] { "one", "two", "three" })
        {
            scene.AddRecord("shop", owner, state, "node-a", result, Year, name: $"copy-of-{owner}");
        }

        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.False(scene.IsCircuitOpen);
    }

    /// <summary>Has the controller read the workload of the pod.</summary>
    private static async Task KnowOwnerAsync(CoordinatorScene scene)
    {
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", """{"data":{"restarts":"Off"}}""");
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.SwitchedOff, (await scene.DecideAsync())[0].Reason);
        scene.Api.Remove(CoordinatorScene.Switch);
    }

    private static string Past(string result) =>
        $$$"""[{"pod":{"namespace":"shop","name":"redis-1-a","uid":"uid-of-redis-1-a"},"watch":"ForkWatch shop/redis","result":"{{{result}}}","decidedTime":"{{{Year}}}","endedTime":"{{{Year}}}"}]""";

    private static void Forge(CoordinatorScene scene, string history, string cooldown)
    {
        var path = CoordinatorScene.RecordPath;
        scene.Put(
            path[..(path.LastIndexOf('/') + 1)],
            path.Split('/')[^1],
            $$$"""
            {"metadata":{"creationTimestamp":"2026-01-31T11:00:00Z"},
             "spec":{"owner":{"apiVersion":"apps/v1","kind":"Deployment","name":"redis"}},
             "status":{"state":"Idle","history":{{{history}}},"cooldown":{{{cooldown}}}}}
            """
        );
    }
}
