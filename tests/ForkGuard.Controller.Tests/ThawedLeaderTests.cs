using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>A leader that is frozen past its lease in the middle of a request, and goes on beside its successor.</summary>
[Collection(Stage.OneAtATime)]
[Trait("Needs", "Machine")]
public sealed class ThawedLeaderTests(ControlPlane cluster)
{
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/status", "\"state\":\"Decided\"")]
    [InlineData("/status", "\"state\":\"Called\"")]
    [InlineData("/eviction", "Eviction")]
    public async Task It_writes_over_no_record_and_restarts_no_second_pod(string path, string body)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var freezer = new Freezer(
            (request, sent) =>
                request.Method != HttpMethod.Get
                && request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal)
                && sent.Contains(body, StringComparison.Ordinal)
                && !sent.Contains("dryRun", StringComparison.Ordinal)
        );
        var (requests, ofOld) = (new RequestLog(), new RequestLog());
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var old = new RunningController(
            cluster,
            () => [freezer.Handler(), .. requests.Handlers(), .. ofOld.Handlers()]
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95), Workloads.Process(pods[1], 95));
        await freezer.Frozen.WaitAsync(TakeOver, Stage.Cancelled);
        await using var next = new RunningController(cluster, requests.Handlers);
        var record = await stage.RecordAsync(r => r.State == RestartState.Replacing, "a restart", TakeOver);
        var sent = ofOld.Requests.Count;

        freezer.Thaw();
        await Assert.ThrowsAnyAsync<LeadershipLostException>(() => old.Ended.WaitAsync(TakeOver, Stage.Cancelled));

        Assert.DoesNotContain(
            ofOld.Requests.Skip(sent),
            request =>
                request is { Method: not "GET", Status: >= 200 and < 300 }
                && request.Uri.AbsolutePath.Contains("/forkrestarts/", StringComparison.Ordinal)
        );
        var now = (await stage.RecordsAsync())[0].Status!;
        Assert.Equal((record.Writer, record.Restart!.Pod.Uid), (now.Writer, now.Restart!.Pod.Uid));
        Assert.All(
            requests.Requests.Where(request =>
                request.Uri.AbsolutePath.EndsWith("/eviction", StringComparison.Ordinal)
                && !request.Body.Contains("dryRun", StringComparison.Ordinal)
            ),
            request => Assert.Equal(record.Restart.Pod.Name, request.Uri.Segments[^2].TrimEnd('/'))
        );
        Assert.Single(pods, pod => stage.IsRemovedAsync(pod).GetAwaiter().GetResult());
    }

    /// <summary>Holds every request of a process from a chosen one on. A process that goes on sends it before it notices that its term is over.</summary>
    private sealed class Freezer(Func<HttpRequestMessage, string, bool> at)
    {
        private readonly TaskCompletionSource _frozen = new();
        private readonly TaskCompletionSource _thawed = new();

        internal Task Frozen => _frozen.Task;

        internal void Thaw() => _thawed.SetResult();

        internal DelegatingHandler Handler() => new Held(this);

        private async Task<bool> HoldsAsync(HttpRequestMessage request, string body)
        {
            if (at(request, body))
            {
                _frozen.TrySetResult();
            }

            if (!_frozen.Task.IsCompleted || _thawed.Task.IsCompleted)
            {
                return false;
            }

            await _thawed.Task;
            return true;
        }

        private sealed class Held(Freezer freezer) : DelegatingHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(
                HttpRequestMessage request,
                CancellationToken cancellationToken
            )
            {
                var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
                return await base.SendAsync(
                    request,
                    await freezer.HoldsAsync(request, body) ? CancellationToken.None : cancellationToken
                );
            }
        }
    }
}
