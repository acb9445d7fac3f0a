using System.Net;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.Node.Serving;
using ForkGuard.Node.Telemetry;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Telemetry.Tests.Scenes;

/// <summary>The metrics of a pod and a unit that grow, and of a leader with a watch.</summary>
internal sealed class SampleTarget : ITarget, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly MetricsExport _export = new(
        new ServiceIdentity("sample"),
        NodeMetrics.MeterName,
        ControllerTelemetry.MeterName
    );
    private readonly NodeMetrics _node = new();
    private readonly ControllerTelemetry _controller = new();
    private readonly StatusServer _server;
    private readonly Task _running;

    internal SampleTarget()
    {
        var growing = Growing(Scans.Process("redis-server", 80, Verdict.CannotFork)) with
        {
            Snapshot = new SnapshotReport { ForkTimeMicroseconds = 15_900 },
        };
        var pod = growing with
        {
            SystemdUnit = null,
            Pod = new PodReference
            {
                Namespace = "shop",
                Name = "redis-0",
                Uid = "8dbc5577",
            },
            Container = new ContainerReference { Name = "redis", Id = "42ef" },
        };
        var scan = Scans.Of(pod, growing);
        _node.Scanned(scan with { Kernel = scan.Kernel with { LimitBytes = 1000, CommittedBytes = 400 } }, null);
        _controller.ObservePodsAtRisk(() => 1);
        _controller.ObserveSilentNodes(() => 0);
        _controller.ObserveCircuit(() => false);
        _controller.ObserveWatches(() => [new WatchRisk("ForkWatch", "shop", "redis", "LargestMapping", 1, 80)]);
        _server = new StatusServer(
            new IPEndPoint(IPAddress.Loopback, 0),
            path => path == "/metrics" ? new StatusPage(200, PrometheusText.ContentType, _export.Scrape()) : null,
            TimeProvider.System
        );
        _server.Listen();
        _running = _server.RunAsync(_stop.Token);
    }

    public string Address => _server.Endpoint.ToString();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _server.Dispose();
        _controller.Dispose();
        _node.Dispose();
        _export.Dispose();
        _stop.Dispose();
    }

    private static ProcessReport Growing(ProcessReport process) =>
        process with
        {
            Constraints = [.. process.Constraints!.Select(constraint => constraint with { SecondsToLimit = 600 })],
        };
}
