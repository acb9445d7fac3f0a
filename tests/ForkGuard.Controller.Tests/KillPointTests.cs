using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>A kill before or after every request of a restart.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class KillPointTests(ControlPlane cluster)
{
    private static readonly Dictionary<string, Func<HttpRequestMessage, string, bool>> Steps = new(
        StringComparer.Ordinal
    )
    {
        ["create"] = (request, body) => request.Method == HttpMethod.Post && IsTo(request, "/forkrestarts"),
        ["decision"] = (request, body) => IsRecord(request) && Has(body, "\"state\":\"Decided\""),
        ["intent"] = (request, body) => IsRecord(request) && Has(body, "\"state\":\"Called\""),
        ["call"] = (request, body) => IsTo(request, "/eviction") && !Has(body, "dryRun"),
        ["outcome"] = (request, body) => IsRecord(request) && Has(body, "\"state\":\"Replacing\""),
        ["event"] = (request, body) => IsTo(request, "/events") && Has(body, "\"ForkRestart\""),
    };

    public static TheoryData<string, KillMoment> KillPoints()
    {
        var points = new TheoryData<string, KillMoment>();
        foreach (var step in Steps.Keys)
        {
            points.Add(step, KillMoment.Before);
            points.Add(step, KillMoment.After);
        }

        return points;
    }

    [Theory]
    [MemberData(nameof(KillPoints))]
    public async Task A_kill_costs_no_restart_and_adds_none(string step, KillMoment moment)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var kill = new KillSwitch(Steps[step], moment);
        var requests = new RequestLog();
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using (new RunningController(cluster, () => [.. kill.Handlers(), .. requests.Handlers()]))
        {
            await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 95));
            await kill.Killed.WaitAsync(TimeSpan.FromSeconds(60), Stage.Cancelled);
        }

        await using var second = new RunningController(cluster, requests.Handlers);
        await using var again = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 95));
        var record = await stage.RecordAsync(
            r => r.State == RestartState.Replacing,
            "one restart in progress",
            TimeSpan.FromSeconds(60)
        );
        await stage.SuppressedAsync("SiblingTerminating", within: TimeSpan.FromSeconds(60));

        Assert.Single(
            requests.Requests,
            request =>
                request is { Method: "POST", Status: >= 200 and < 300 }
                && request.Uri.AbsolutePath.EndsWith("/eviction", StringComparison.Ordinal)
                && !Has(request.Body, "dryRun")
        );
        Assert.Equal(
            2,
            (await stage.LivePodsAsync()).Count(live => pods.Any(pod => pod.Metadata.Uid == live.Metadata.Uid))
        );
        Assert.True(await stage.IsRemovedAsync(pods.First(pod => pod.Metadata.Uid == record.Restart!.Pod.Uid)));
        await stage.FinishAsync(pods.First(pod => pod.Metadata.Uid == record.Restart!.Pod.Uid));
        await stage.RunPodsAsync(3);
        again.Processes = [];
        await stage.RecordAsync(r => r.Result == RestartResult.Helped, "a restart that helped");
    }

    private static bool IsRecord(HttpRequestMessage request) =>
        IsTo(request, "/status")
        && request.RequestUri!.AbsolutePath.Contains("/forkrestarts/", StringComparison.Ordinal);

    private static bool IsTo(HttpRequestMessage request, string end) =>
        request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith(end, StringComparison.Ordinal);

    private static bool Has(string body, string part) => body.Contains(part, StringComparison.Ordinal);
}
