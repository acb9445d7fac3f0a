using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Decisions that the API server ends, and when they are made again.</summary>
public sealed class RepetitionTests
{
    private const string Deployment = CoordinatorScene.Apps + "deployments/redis";

    [Fact]
    public async Task The_pause_before_a_decision_is_made_again_doubles_up_to_a_minute()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        SwitchOff(scene);

        Assert.Equal([0, 2, 6, 14, 30, 62, 122], await AskedAsync(scene, 127));
    }

    [Fact]
    public async Task Another_reason_begins_with_a_short_pause_again()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        SwitchOff(scene);
        Assert.Equal([0, 2], await AskedAsync(scene, 6));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == Deployment ? ScriptedApi.Refusal(403, "no") : null);

        Assert.Equal([0, 2, 6], await AskedAsync(scene, 7));
    }

    [Fact]
    public async Task A_decision_that_was_not_wanted_for_two_minutes_begins_with_a_short_pause_again()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        SwitchOff(scene);
        Assert.Equal([0, 2, 6], await AskedAsync(scene, 8));
        scene.Time.Advance(TimeSpan.FromSeconds(121));

        Assert.Equal([0, 2, 6], await AskedAsync(scene, 8));
    }

    [Fact]
    public async Task A_refusal_of_one_pod_holds_no_other_back()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95), ("redis-1-b", 92));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.IsTrial && request.Path.Contains("redis-1-a", StringComparison.Ordinal)
                    ? ScriptedApi.Refusal(403, "no")
                    : null
            );
        Assert.NotEmpty(await scene.DecideAsync("redis-1-a"));

        Assert.Empty(await scene.DecideAsync("redis-1-b"));

        Assert.Equal(["redis-1-b"], scene.Evicted);
    }

    [Theory]
    [InlineData(400, BlockReason.Refused)]
    [InlineData(422, BlockReason.Refused)]
    [InlineData(408, BlockReason.Unavailable)]
    [InlineData(500, BlockReason.Unavailable)]
    [InlineData(503, BlockReason.Unavailable)]
    public async Task A_read_that_fails_blocks_the_restart_by_its_status(int code, BlockReason reason)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == Deployment ? ScriptedApi.Refusal(code, "words of the server") : null);

        Assert.Equal(reason, Assert.Single(await scene.DecideAsync(isSlow: true)).Reason);
        Assert.Null(scene.Status);
    }

    [Theory]
    [InlineData("<html>a proxy</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task An_answer_that_is_not_the_API_s_blocks_the_restart_as_Unavailable(string answer)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path.EndsWith("/poddisruptionbudgets", StringComparison.Ordinal)
                    ? ScriptedApi.Answer(System.Net.HttpStatusCode.OK, answer)
                    : null
            );

        Assert.Equal(BlockReason.Unavailable, Assert.Single(await scene.DecideAsync(isSlow: true)).Reason);
        Assert.Null(scene.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_blocks_the_restart_as_Unavailable(bool isRefused)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            request.Path == Deployment ? throw Broken(isRefused) : Task.FromResult<HttpResponseMessage?>(null);

        var block = Assert.Single(await scene.DecideAsync(isSlow: true));

        Assert.Equal((BlockReason.Unavailable, "broken"), (block.Reason, block.Message));
    }

    [Fact]
    public async Task A_decision_that_is_cancelled_has_no_answer()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        using var stop = new CancellationTokenSource();
        scene.Api.Intercept = async (request, token) =>
        {
            if (request.Path == Deployment)
            {
                await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            }

            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.DecideAsync(cancellationToken: stop.Token));
        Assert.Null(scene.Status);
        scene.Api.Intercept = null;
        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task A_record_that_keeps_changing_is_followed_again_after_a_second()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(CoordinatorScene.Pods + "redis-1-a");
        scene.AddPod("redis-1-c");
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Records("Proving") ? ScriptedApi.Refusal(409, "modified") : null);

        Assert.Equal(TimeSpan.FromSeconds(1), await scene.FollowAsync());

        Assert.Equal(10, scene.Api.Requests.Count(request => request.Records("Proving")));
    }

    private static Exception Broken(bool isRefused) =>
        isRefused ? new HttpRequestException("broken") : new IOException("broken");

    private static void SwitchOff(CoordinatorScene scene) =>
        scene.Put("api/v1/namespaces/forkguard/configmaps/", "forkguard-controller", """{"data":{"restarts":"Off"}}""");

    /// <summary>Decides each second.</summary>
    /// <returns>The seconds in which the API server was asked.</returns>
    private static async Task<List<int>> AskedAsync(CoordinatorScene scene, int seconds)
    {
        var asked = new List<int>();
        await scene.ReportAsync(("redis-1-a", 95));
        for (var second = 0; second < seconds; second++)
        {
            var requests = scene.Api.Requests.Count;
            Assert.NotEmpty(await scene.DecideAsync());
            if (scene.Api.Requests.Count > requests)
            {
                asked.Add(second);
            }

            await scene.ReportAsync(("redis-1-a", 95));
        }

        return asked;
    }
}
