using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>All decisions wait for the one that is being made.</summary>
public sealed class DecisionTimeTests
{
    [Theory]
    [InlineData("GET", "/pods/redis-1-a")]
    [InlineData("GET", "/deployments/redis")]
    [InlineData("GET", "/poddisruptionbudgets")]
    [InlineData("POST", "/pods/redis-1-a/eviction")]
    public async Task A_decision_that_a_slow_server_holds_up_ends_and_is_repeated(string method, string path)
    {
        var options = new RestartOptions { MaxDecision = TimeSpan.FromSeconds(10) };
        await using var scene = await CoordinatorScene.BeginAsync(options: options);
        var isSlow = true;
        scene.Api.Intercept = async (request, token) =>
        {
            if (isSlow && (request.Method, request.Path.EndsWith(path, StringComparison.Ordinal)) == (method, true))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return null;
        };
        await scene.ReportAsync(("redis-1-a", 95));
        var before = scene.Time.GetUtcNow();

        var blocks = await scene.DecideAsync(isSlow: true);

        Assert.Equal(BlockReason.Unavailable, Assert.Single(blocks).Reason);
        Assert.InRange(scene.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.Empty(scene.Evicted);
        isSlow = false;
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(await scene.DecideAsync());
        Assert.Equal(["redis-1-a"], scene.Evicted);
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
    }

    [Fact]
    public async Task A_decision_of_many_slow_answers_ends_after_its_time()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Intercept = async (request, token) =>
        {
            // Each answer alone is in time.
            if (request.Method == "GET" && !request.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromSeconds(14), scene.Time, token);
            }

            return null;
        };
        await scene.ReportAsync(("redis-1-a", 95));

        var blocks = await scene.DecideAsync(isSlow: true);

        var block = Assert.Single(blocks);
        Assert.Equal(BlockReason.Unavailable, block.Reason);
        Assert.Contains("60 s", block.Message, StringComparison.Ordinal);
        Assert.Null(scene.Status);
    }

    [Fact]
    public async Task A_decision_that_ends_between_its_writes_is_withdrawn()
    {
        var options = new RestartOptions { MaxDecision = TimeSpan.FromSeconds(10) };
        await using var scene = await CoordinatorScene.BeginAsync(options: options);
        var isSlow = false;
        scene.Api.Intercept = async (request, token) =>
        {
            if (isSlow && request.Method == "GET")
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            isSlow |= request.Records("Decided");
            return null;
        };
        await scene.ReportAsync(("redis-1-a", 95));
        var before = scene.Time.GetUtcNow();

        var blocks = await scene.DecideAsync(isSlow: true);

        Assert.Equal(BlockReason.Unavailable, Assert.Single(blocks).Reason);
        Assert.InRange(scene.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.Equal(RestartState.Decided, scene.Status?.State);
        isSlow = false;
        scene.Api.Intercept = null;
        await scene.FollowAsync();
        Assert.Equal(RestartState.Idle, scene.Status?.State);
        Assert.Null(scene.Status?.Cooldown);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task The_answer_to_a_call_is_written_however_slow_the_server_is()
    {
        var options = new RestartOptions { MaxDecision = TimeSpan.FromSeconds(20) };
        await using var scene = await CoordinatorScene.BeginAsync(options: options);
        var isSlow = false;
        scene.Api.Intercept = async (request, token) =>
        {
            if (isSlow && request.Method == "GET")
            {
                await Task.Delay(TimeSpan.FromSeconds(14), scene.Time, token);
            }

            if (request.IsEviction)
            {
                isSlow = true;
                return ScriptedApi.Refusal(403, "not allowed");
            }

            return null;
        };
        await scene.ReportAsync(("redis-1-a", 95));

        await scene.DecideAsync(isSlow: true);

        Assert.Equal(RestartState.Idle, scene.Status?.State);
        Assert.Equal(["redis-1-a"], scene.Evicted);
    }
}
