using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>A leader that is frozen past its lease in the middle of a request, and goes on beside its successor.</summary>
[Collection(Stages.OfRestarts)]
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
        var freezer = new Freezer(path, body);
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

        await freezer.ThawAsync();
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

    [Fact]
    public async Task Its_call_restarts_no_pod_that_has_the_name_of_the_one_that_its_successor_restarted()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var freezer = new Freezer("/eviction", "Eviction");
        await cluster.Admin.AppsV1.CreateNamespacedStatefulSetAsync(
            Workloads.StatefulSet(stage.Node, replicas: 2),
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );
        await stage.RunPodsAsync(1);
        var pods = await stage.RunPodsAsync(2);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var old = new RunningController(cluster, () => [freezer.Handler()]);
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await freezer.Frozen.WaitAsync(TakeOver, Stage.Cancelled);
        await using var next = new RunningController(cluster);
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "a restart", TakeOver);
        await stage.FinishAsync(pods[0]);
        var replacement = (await stage.RunPodsAsync(2)).Single(pod => pod.Metadata.Name == pods[0].Metadata.Name);

        await freezer.ThawAsync();
        await Assert.ThrowsAnyAsync<LeadershipLostException>(() => old.Ended.WaitAsync(TakeOver, Stage.Cancelled));

        Assert.False(await stage.IsRemovedAsync(replacement));
        Assert.False(await stage.IsRemovedAsync(pods[1]));
    }

    /// <summary>Holds every request of a process from a write on. A process that goes on sends it before it notices that its term is over.</summary>
    private sealed class Freezer(string path, string content)
    {
        private readonly TaskCompletionSource _frozen = new();
        private readonly TaskCompletionSource _thawed = new();
        private readonly TaskCompletionSource _sent = new();

        internal Task Frozen => _frozen.Task;

        /// <summary>Lets the requests go on, and ends once the first one is answered.</summary>
        internal Task ThawAsync()
        {
            _thawed.SetResult();
            return _sent.Task.WaitAsync(TakeOver, Stage.Cancelled);
        }

        internal DelegatingHandler Handler() => new Held(this);

        private async Task<bool> HoldsAsync(HttpRequestMessage request, string body)
        {
            var isFirst =
                !_frozen.Task.IsCompleted
                && request.Method != HttpMethod.Get
                && request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal)
                && body.Contains(content, StringComparison.Ordinal)
                && !body.Contains("dryRun", StringComparison.Ordinal)
                && _frozen.TrySetResult();
            if (!_frozen.Task.IsCompleted || _thawed.Task.IsCompleted)
            {
                return false;
            }

            await _thawed.Task;
            return isFirst;
        }

        private sealed class Held(Freezer freezer) : DelegatingHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(
                HttpRequestMessage request,
                CancellationToken cancellationToken
            )
            {
                var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
                using var copy = RequestCopy.Of(request, body);
                if (!await freezer.HoldsAsync(request, body))
                {
                    return await base.SendAsync(request, cancellationToken);
                }

                try
                {
                    return await base.SendAsync(copy, CancellationToken.None);
                }
                finally
                {
                    freezer._sent.TrySetResult();
                }
            }
        }
    }
}
