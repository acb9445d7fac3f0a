using System.Collections.Concurrent;
using System.Diagnostics;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>The spans from the report that names a pod to its eviction.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class TraceTests(ControlPlane cluster)
{
    [Fact]
    public async Task An_eviction_has_a_trace_that_starts_with_the_report()
    {
        var spans = new ConcurrentQueue<Activity>();
        await using var stage = await Stage.CreateAsync(cluster);
        using var listener = Listen(spans);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await Condition.HoldsAsync(() => Roots(spans, pods[0].Metadata.Uid).Any(), "a trace", Stage.Cancelled);

        var root = Roots(spans, pods[0].Metadata.Uid).First();
        var children = spans.Where(span => span.ParentSpanId == root.SpanId).ToList();
        Assert.All(children, child => Assert.Equal(root.TraceId, child.TraceId));
        var eviction = children.First(child => child.DisplayName == "POST pods/eviction");
        Assert.Equal(ActivityKind.Client, eviction.Kind);
        Assert.Equal(201, eviction.GetTagItem("http.response.status_code"));
        Assert.True(root.StartTimeUtc < eviction.StartTimeUtc);
        Assert.Equal(stage.Node, root.GetTagItem("k8s.node.name"));
        Assert.Equal($"ForkWatch {stage.Namespace}/redis", root.GetTagItem("forkguard.watch"));
    }

    [Fact]
    public async Task A_blocked_restart_has_a_trace_with_its_gate_once()
    {
        var spans = new ConcurrentQueue<Activity>();
        await using var stage = await Stage.CreateAsync(cluster);
        using var listener = Listen(spans);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync(replicas: 1);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.SuppressedAsync("MinReadyReplicas");
        var all = spans.Where(span => span.GetTagItem("k8s.pod.uid") is string uid && uid == pods[0].Metadata.Uid);
        await Condition.HoldsAsync(() => all.Count() >= 3, "three decisions", Stage.Cancelled);

        Assert.Equal("MinReadyReplicas", Assert.Single(all, span => span.Recorded).GetTagItem("forkguard.gate"));
    }

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/shop/pods/redis-0", "GET pods")]
    [InlineData("POST", "/api/v1/namespaces/shop/pods/redis-0/eviction", "POST pods/eviction")]
    [InlineData("PUT", "/apis/forkguard.io/v1alpha1/namespaces/shop/forkrestarts/x/status", "PUT forkrestarts/status")]
    [InlineData("GET", "/apis/forkguard.io/v1alpha1/nodeforkreports/n", "GET nodeforkreports")]
    [InlineData("GET", "/api/v1/namespaces/shop", "GET namespaces")]
    [InlineData("GET", "/api/v1", "GET")]
    [InlineData("GET", "/", "GET")]
    public void The_name_of_a_request_has_no_name_of_an_object(string method, string path, string name)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"https://127.0.0.1:6443{path}"));
        Assert.Equal(name, TracedRequests.NameOf(request));
    }

    [Fact]
    public async Task A_span_has_neither_the_credentials_nor_the_query_of_an_address()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        using var requests = new HttpMessageInvoker(new TracedRequests { InnerHandler = new NoAnswer() });
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri("https://admin:secret@127.0.0.1:6443/api/v1/nodes/n%20o?token=secret")
        );
        using (ControllerTracing.Source.StartActivity("test"))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => requests.SendAsync(request, Stage.Cancelled));
        }

        var span = Assert.Single(spans, span => span.Kind == ActivityKind.Client);
        Assert.Equal("https://127.0.0.1:6443/api/v1/nodes/n%20o", span.GetTagItem("url.full"));
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
    }

    private sealed class NoAnswer : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) =>
            throw new HttpRequestException("no answer");
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ControllerTracing.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static IEnumerable<Activity> Roots(IEnumerable<Activity> spans, string pod) =>
        spans.Where(span =>
            span is { DisplayName: "restart pod", Recorded: true }
            && span.GetTagItem("forkguard.gate") is null
            && span.GetTagItem("k8s.pod.uid") is string uid
            && uid == pod
        );
}
