using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Records as they are listed, created, written and removed.</summary>
public sealed class StoreTests
{
    private const string Collection = "apis/forkguard.io/v1alpha1/forkrestarts";

    [Fact]
    public async Task A_restart_in_progress_on_the_last_page_of_the_records_counts()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) => Task.FromResult(PageOf(request));
        var before = scene.Api.Requests.Count;

        Assert.Equal(BlockReason.Budget, (await scene.DecideAsync())[0].Reason);

        var lists = Lists(scene, before);
        Assert.Equal(
            [null, "the/second"],
            lists.Select(request => Parameter(request, "continue")),
            StringComparer.Ordinal
        );
        Assert.All(lists, request => Assert.Equal("500", Parameter(request, "limit")));
    }

    [Fact]
    public async Task Records_are_listed_whole_if_their_first_page_is_forgotten()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path != Collection || Parameter(request, "limit") is null ? null
                : Parameter(request, "continue") is null
                    ? Page([RecordOf("one", "Idle", "DidNotHelp"), RecordOf("two", "Idle", "DidNotHelp")], "second")
                : ScriptedApi.Refusal(410, "the continue token is too old")
            );
        scene.AddRecord("shop", "one", "Idle", "node-b", "DidNotHelp");
        scene.AddRecord("shop", "two", "Idle", "node-b", "DidNotHelp");

        var before = scene.Api.Requests.Count;

        // Two failures, and not four.
        Assert.Empty(await scene.DecideAsync());
        Assert.Contains(Lists(scene, before), request => Parameter(request, "limit") is null);
    }

    [Fact]
    public async Task A_list_that_is_gone_at_once_is_refused()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == Collection ? ScriptedApi.Refusal(410, "gone") : null);

        Assert.Equal(BlockReason.Refused, Assert.Single(await scene.DecideAsync()).Reason);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_holds_no_other_workload_back()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Path == Collection
                    ? Page([new JsonObject { ["metadata"] = new JsonObject(), ["spec"] = 5 }], next: "")
                    : null
            );

        Assert.Empty(await scene.DecideAsync());
    }

    [Theory]
    [InlineData("POST", "/forkrestarts", 409)]
    [InlineData("PUT", "/status", 404)]
    [InlineData("PUT", "/status", 409)]
    public async Task A_record_that_came_or_went_meanwhile_is_read_again(string method, string path, int code)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        var isFirst = true;
        scene.Api.Intercept = (request, _) =>
        {
            if (!isFirst || request.Method != method || !request.Path.EndsWith(path, StringComparison.Ordinal))
            {
                return Task.FromResult<HttpResponseMessage?>(null);
            }

            isFirst = false;
            return Task.FromResult<HttpResponseMessage?>(ScriptedApi.Refusal(code, "meanwhile"));
        };

        Assert.Empty(await scene.DecideAsync());

        Assert.False(isFirst);
        Assert.Equal(["redis-1-a"], scene.Evicted);
        Assert.Equal(RestartState.Replacing, scene.Status?.State);
    }

    [Theory]
    [InlineData("POST", "/forkrestarts")]
    [InlineData("PUT", "/status")]
    public async Task A_record_that_may_not_be_written_blocks_the_restart(string method, string path)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(
                request.Method == method && request.Path.EndsWith(path, StringComparison.Ordinal)
                    ? ScriptedApi.Refusal(403, "no")
                    : null
            );

        Assert.Equal(BlockReason.Refused, Assert.Single(await scene.DecideAsync()).Reason);
        Assert.Empty(scene.Evicted);
    }

    [Theory]
    [InlineData(409)]
    [InlineData(404)]
    public async Task A_record_that_changed_before_its_removal_stays(int code)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await EndAsync(scene);
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Method == "DELETE" ? ScriptedApi.Refusal(code, "meanwhile") : null);

        await scene.FollowAsync();

        Assert.Contains(scene.Api.Requests, request => request.Method == "DELETE");
        Assert.NotNull(scene.Record);
        scene.Api.Intercept = null;
        await scene.FollowAsync();
        Assert.Null(scene.Record);
    }

    [Fact]
    public async Task A_record_that_may_not_be_removed_is_a_failure_of_its_own()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await EndAsync(scene);
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Method == "DELETE" ? ScriptedApi.Refusal(403, "no") : null);

        await Assert.ThrowsAnyAsync<Exception>(() => scene.FollowAsync());
    }

    [Fact]
    public async Task An_object_under_another_name_is_not_followed()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 95));
        scene.AddRecord("shop", "other", "Replacing", "node-a", name: "copy");
        var requests = scene.Api.Requests.Count;

        Assert.Null(await scene.FollowAsync());

        Assert.Equal(requests, scene.Api.Requests.Count);
    }

    /// <summary>Leaves a record that may be removed.</summary>
    private static async Task EndAsync(CoordinatorScene scene)
    {
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(CoordinatorScene.Apps + "deployments/redis");
        await scene.FollowAsync();
        Assert.Equal(RestartState.Idle, scene.Status?.State);
        await scene.AdvanceAsync(TimeSpan.FromDays(8));
    }

    private static HttpResponseMessage? PageOf(ScriptedRequest request) =>
        request.Path != Collection ? null
        : Parameter(request, "continue") is null ? Page([], "the/second")
        : Page([RecordOf("other", "Replacing", result: null)], next: null);

    private static HttpResponseMessage Page(JsonNode[] items, string? next) =>
        ScriptedApi.Answer(
            HttpStatusCode.OK,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["continue"] = next },
                ["items"] = new JsonArray(items),
            }.ToJsonString()
        );

    private static JsonNode RecordOf(string owner, string state, string? result) =>
        CoordinatorScene.RecordOf("shop", owner, state, "node-a", result, Now);

    private static DateTimeOffset Now => new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static List<ScriptedRequest> Lists(CoordinatorScene scene, int before) =>
        [.. scene.Api.Requests.Skip(before).Where(request => request is { Method: "GET", Path: Collection })];

    private static string? Parameter(ScriptedRequest request, string name) =>
        request
            .Query.TrimStart('?')
            .Split('&')
            .Select(parameter => parameter.Split('=', 2))
            .FirstOrDefault(parameter => parameter[0] == name)
            ?[1];
}
