using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Calls that fail on their way, and answers that ask to wait.</summary>
public sealed class CallFailureTests
{
    private const string OfBudget = """{"causes":[{"reason":"DisruptionBudget","message":"needs 2"}]}""";

    [Fact]
    public async Task A_call_that_hangs_ends_after_its_time_and_is_repeated()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = async (request, token) =>
        {
            if (request.IsEviction && scene.Evicted.Count == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return null;
        };
        var before = scene.Time.GetUtcNow();

        Assert.Empty(await scene.DecideAsync(isSlow: true));

        Assert.InRange(scene.Time.GetUtcNow() - before, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(17));
        Assert.Equal(["redis-1-a", "redis-1-a"], scene.Evicted);
        Assert.Equal((RestartState.Replacing, 2), (scene.Status?.State?.Known, scene.Status?.Restart?.CallCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_whose_connection_breaks_counts_as_one_without_an_answer(bool isRefused)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            request.IsEviction
                ? throw (isRefused ? new HttpRequestException("broken") : new IOException("broken"))
                : Task.FromResult<HttpResponseMessage?>(null);

        Assert.Empty(await scene.DecideAsync());

        AssertCalled(scene);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_is_no_answer()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        using var stop = new CancellationTokenSource();
        scene.Api.Intercept = async (request, token) =>
        {
            if (request.IsEviction)
            {
                await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            }

            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.DecideAsync(cancellationToken: stop.Token));
        AssertCalled(scene);
    }

    [Theory]
    [InlineData(502, BlockReason.Unavailable)]
    [InlineData(403, BlockReason.Refused)]
    [InlineData(429, BlockReason.Throttled)]
    public async Task The_page_of_a_proxy_is_an_answer_by_its_status(int code, BlockReason reason)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.IsTrial ? ScriptedApi.Answer((HttpStatusCode)code, "<html>a proxy</html>") : null);

        var block = Assert.Single(await scene.DecideAsync());

        Assert.Equal(reason, block.Reason);
        Assert.NotEmpty(block.Message);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    public async Task A_Retry_After_that_is_not_a_time_counts_as_ten_seconds(string retryAfter)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await RefuseAsync(scene, request => request.IsTrial, retryAfter);

        await AssertWaitsAsync(scene, seconds: 10);
    }

    [Fact]
    public async Task A_Retry_After_to_the_call_is_respected_before_the_next_decision()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await RefuseAsync(scene, request => request.IsEviction, "25");
        Assert.Equal(RestartState.Idle, scene.Status?.State);

        await AssertWaitsAsync(scene, seconds: 25);
        Assert.Equal(["redis-1-a", "redis-1-a"], scene.Evicted);
    }

    [Theory]
    [InlineData("""{"name":"pods"}""")]
    [InlineData("""{"name":"pods/eviction","group":"","version":"v1"}""")]
    public async Task Evictions_are_of_policy_v1_where_the_server_names_no_version(string resource)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path == "api/v1"
                    ? ScriptedApi.Answer(
                        HttpStatusCode.OK,
                        $$"""{"kind":"APIResourceList","groupVersion":"v1","resources":[{{resource}}]}"""
                    )
                    : null
            );

        Assert.Empty(await scene.DecideAsync());

        Assert.Contains(
            "\"policy/v1\"",
            scene.Api.Requests.Single(request => request.IsEviction).Body,
            StringComparison.Ordinal
        );
    }

    private static void AssertCalled(CoordinatorScene scene)
    {
        Assert.Equal(RestartState.Called, scene.Status?.State);
        Assert.NotNull(scene.Status?.Cooldown);
        Assert.Single(scene.Evicted);
    }

    private static async Task RefuseAsync(
        CoordinatorScene scene,
        Func<ScriptedRequest, bool> isRefused,
        string retryAfter
    )
    {
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (!isRefused(request))
            {
                return Task.FromResult<HttpResponseMessage?>(null);
            }

            var refusal = ScriptedApi.Refusal(429, "needs 2", OfBudget);
            refusal.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return Task.FromResult<HttpResponseMessage?>(refusal);
        };
        Assert.Equal(BlockReason.DisruptionBudget, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Api.Intercept = null;
    }

    private static async Task AssertWaitsAsync(CoordinatorScene scene, int seconds)
    {
        scene.Time.Advance(TimeSpan.FromSeconds(seconds - 2));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal(BlockReason.DisruptionBudget, Assert.Single(await scene.DecideAsync()).Reason);
        scene.Time.Advance(TimeSpan.FromSeconds(2));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
    }
}
