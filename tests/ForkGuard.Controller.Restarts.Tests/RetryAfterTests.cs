using System.Globalization;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Servers, or proxies before them, that ask to wait for longer than anybody would.</summary>
public sealed class RetryAfterTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";
    private const string Months = "5000000";

    [Fact]
    public async Task A_stream_is_opened_again_after_an_hour()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var refusals = 1;
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(OpensPods(request) && refusals-- > 0 ? Wait(429, Months) : null);
        var before = scene.Api.Requests.Count(OpensPods);
        scene.Time.Advance(TimeSpan.FromMinutes(4));

        await Condition.HoldsAsync(
            () =>
            {
                scene.Time.Advance(TimeSpan.FromMinutes(1));
                return scene.Api.Requests.Count(OpensPods) >= before + 2;
            },
            "a stream of pods that is opened again",
            TestContext.Current.CancellationToken
        );
        await scene.AdvanceAsync(TimeSpan.FromMinutes(11));
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_decision_that_would_wait_for_months_ends_with_its_reason(int code)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request is { Method: "GET", Path: Pod } ? Wait(code, Months) : null);

        var deciding = scene.DecideAsync();
        await Condition.HoldsAsync(
            () =>
            {
                scene.Time.Advance(TimeSpan.FromSeconds(1));
                return deciding.IsCompleted;
            },
            "the end of the decision",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(BlockReason.Unavailable, Assert.Single(await deciding).Reason);
        Assert.Null(scene.Status);
    }

    [Theory]
    [InlineData("864000")]
    [InlineData("2147483647")]
    public async Task An_eviction_is_tried_again_after_an_hour(string seconds)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) => Task.FromResult(request.IsTrial ? Wait(429, seconds) : null);
        Assert.Equal(BlockReason.Throttled, (await scene.DecideAsync())[0].Reason);

        scene.Api.Intercept = null;
        var start = scene.Time.GetUtcNow();
        scene.Time.Advance(TimeSpan.FromMinutes(59));
        await Condition.HoldsAsync(
            async _ =>
            {
                scene.Time.Advance(TimeSpan.FromSeconds(5));
                await scene.ReportAsync(("redis-1-a", 95));
                await scene.DecideAsync();
                return scene.Evicted.Count > 0;
            },
            "the eviction",
            cancellationToken: TestContext.Current.CancellationToken
        );

        Assert.InRange(scene.Time.GetUtcNow() - start, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(63));
        Assert.Equal(["redis-1-a"], scene.Evicted);
    }

    private static bool OpensPods(ScriptedRequest request) =>
        request.Path == "api/v1/pods" && request.Query.Contains("watch=true", StringComparison.Ordinal);

    private static HttpResponseMessage Wait(int code, string seconds)
    {
        var answer = ScriptedApi.Refusal(code, string.Create(CultureInfo.InvariantCulture, $"wait {seconds} s"));
        answer.Headers.TryAddWithoutValidation("Retry-After", seconds);
        return answer;
    }
}
