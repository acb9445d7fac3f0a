using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Reconcilers;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.ControllerRuntime;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Events about agents that are degraded or silent, before a scripted API server.</summary>
public sealed class AgentHealthTests : IAsyncDisposable
{
    private const string Node = "node-a";
    private const StringComparison Text = StringComparison.Ordinal;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly ScriptedApi _api;
    private readonly ApiClient _client;
    private readonly NodeReadings _readings;
    private readonly FakeCache<Node> _nodes = new(static node => new ResourceKey("", node.Metadata!.Name!));
    private readonly NodeReconciler _reconciler;
    private readonly ReportHealth _health;
    private readonly Task _running;

    public AgentHealthTests()
    {
        _api = new ScriptedApi(_time);
        _client = new ApiClient(new KubernetesClientConfiguration { Host = "http://server" }, _api.Handler());
        var services = new RuntimeServices(_time, _metrics, new HealthRegistry(_time), NullLoggerFactory.Instance);
        var pipeline = new ApiPipeline(_time);
        var queue = new EventQueue(NullLogger<EventQueue>.Instance);
        PutNode(os: null);
        _reconciler = new NodeReconciler(
            new ClusterReader(_client, pipeline),
            new FakeCache<NodeForkReport>(static report => new ResourceKey("", report.Metadata!.Name!))
        );
        _readings = new NodeReadings(_time);
        _health = new ReportHealth(
            _readings,
            _nodes,
            new(_client, pipeline, Kinds.NodeForkReports, static r => r.Status, ApiJson.Default.NodeForkReportStatus),
            new NodeEvents(
                new EventPublisher(new EventRecorder(_client, pipeline, "forkguard", "pod-1", services), queue)
            ),
            TimeSpan.FromMinutes(11),
            _time
        );
        _running = queue.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task Each_cause_has_an_event_with_its_own_note()
    {
        await CheckAsync(Degraded("Capability", "this process lacks CAP_SYS_PTRACE"));
        await CheckAsync(Degraded("AppArmor", "the profile is docker-default"));

        var notes = await NotesAsync(2);

        Assert.Contains("CAP_SYS_PTRACE", notes[0], StringComparison.Ordinal);
        Assert.Contains("docker-default", notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_degraded_node_that_took_the_name_of_another_one_has_its_own_event()
    {
        var report = Degraded("Capability", "this process lacks CAP_SYS_PTRACE");
        await CheckAsync(report);
        await CheckAsync(report);
        await NotesAsync(1);

        _health.Forget(Node);
        await CheckAsync(report);

        await Condition.HoldsAsync(() => _api.Requests.Count(IsEvent) == 2, "the second event", Stage.Cancelled);
    }

    [Fact]
    public void A_node_with_the_longest_scan_interval_is_not_silent()
    {
        var options = new ControllerOptions
        {
            Lease = new LeaderElectionOptions
            {
                Namespace = "forkguard",
                Name = ControllerOptions.LeaseName,
                Identity = "pod-1",
            },
        };

        // A report that is due just after a scan comes with the one after that.
        Assert.True(options.SilentAfter > 2 * TimeSpan.FromSeconds(NodeForkReportSpec.MaxScanSeconds));
    }

    [Theory]
    [InlineData("linux", 1)]
    [InlineData(null, 1)]
    [InlineData("windows", 0)]
    public async Task Only_nodes_that_run_Linux_have_a_report(string? os, int reports)
    {
        await _reconciler.ReconcileAsync(PutNode(os), Stage.Cancelled);

        Assert.Equal(reports, _api.All("apis/forkguard.io/v1alpha1/nodeforkreports").Count);
    }

    [Theory]
    [InlineData("linux", 1)]
    [InlineData(null, 1)]
    [InlineData("windows", 0)]
    public async Task Only_nodes_that_run_Linux_are_silent(string? os, int silent)
    {
        PutNode(os);
        var report = new NodeForkReport
        {
            Metadata = new ObjectMeta { Name = Node, ResourceVersion = "1" },
        };
        _readings.See(report);
        _time.Advance(TimeSpan.FromMinutes(12));

        await CheckAsync(report);

        Assert.Equal(silent, _health.SilentNodes);
        Assert.Equal(silent > 0, _api.Requests.Any(request => request.Body.Contains("AgentSilent", Text)));
        Assert.Equal(silent > 0, _api.Requests.Any(request => request.Body.Contains("NoReport", Text)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _client.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    private Node PutNode(string? os)
    {
        var node = new Node
        {
            Metadata = new ObjectMeta
            {
                Name = Node,
                Labels = os is null
                    ? null
                    : new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/os"] = os },
            },
        };
        _nodes.Put(node);
        return node;
    }

    private Task<TimeSpan> CheckAsync(NodeForkReport report) => _health.CheckAsync(report, Stage.Cancelled);

    /// <summary>The notes of the events that the API server has, in the order of their creation.</summary>
    private async Task<IReadOnlyList<string>> NotesAsync(int count)
    {
        await Condition.HoldsAsync(() => _api.Requests.Count(IsEvent) >= count, "the events", Stage.Cancelled);
        return
        [
            .. _api
                .Requests.Where(IsEvent)
                .Select(request => JsonNode.Parse(request.Body)!)
                .DistinctBy(body => body["metadata"]!["name"]!.GetValue<string>(), StringComparer.Ordinal)
                .Select(body => body["message"]!.GetValue<string>()),
        ];
    }

    private static bool IsEvent(ScriptedRequest request) =>
        request.Method == "POST" && request.Path.EndsWith("/events", StringComparison.Ordinal);

    private static NodeForkReport Degraded(string reason, string message) =>
        new()
        {
            Metadata = new ObjectMeta { Name = Node },
            Status = new NodeForkReportStatus
            {
                Conditions =
                [
                    new Api.Condition { Type = "Ready", Status = "True" },
                    new Api.Condition
                    {
                        Type = "Degraded",
                        Status = "True",
                        Reason = reason,
                        Message = message,
                    },
                ],
            },
        };
}
