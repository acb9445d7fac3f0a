using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>Cooldown, give-up count and intent survive a kill at every step of a restart.</summary>
[Collection(Stage.OneAtATime)]
[Trait("Needs", "Machine")]
public sealed class KillPointTests(ControlPlane cluster)
{
    private static readonly Dictionary<string, Func<HttpRequestMessage, string, bool>> Steps = new(
        StringComparer.Ordinal
    )
    {
        ["intent"] = (request, body) => IsStatus(request) && Has(body, "\"restart\":{") && !Has(body, "acceptedTime"),
        ["call"] = (request, body) => IsTo(request, "/eviction") && !Has(body, "dryRun"),
        ["outcome"] = (request, body) => IsStatus(request) && Has(body, "acceptedTime"),
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
        await stage.StatusAsync(
            s =>
                s.Owners is [{ LastRestartTime: not null, RestartTimes: [_], Restart.AcceptedTime: not null }]
                && (s.Conditions ?? []).Any(c => c is { Type: "ActionSuppressed", Status: "True" }),
            "one restart in the ledger, and the other pod held back",
            within: TimeSpan.FromSeconds(60)
        );

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
        if (step != "event")
        {
            var evicted = (await stage.WatchNowAsync()).Status!.LastRestart!.Pod!.Uid!;
            await stage.EventAsync(evicted, "ForkRestart");
        }
    }

    private static bool IsStatus(HttpRequestMessage request) => IsTo(request, "/status");

    private static bool IsTo(HttpRequestMessage request, string end) =>
        request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith(end, StringComparison.Ordinal);

    private static bool Has(string body, string part) => body.Contains(part, StringComparison.Ordinal);
}
