using ForkGuard.Node.Scanning;
using ForkGuard.Node.Serving;
using ForkGuard.Node.Telemetry;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Serving;

/// <summary>Metrics and HTTP server of a watch with <c>--listen</c>.</summary>
internal sealed class WatchTelemetry(ReadAccess access, ScanHealth health) : IDisposable
{
    private readonly MetricsExport _export = new(
        new ServiceIdentity("forkguard-watch"),
        NodeMetrics.MeterName,
        WatchMetrics.MeterName
    );
    private readonly NodeMetrics _node = new();
    private string? _degradation;

    internal WatchMetrics Watch { get; } = new();

    internal StatusPage? PageOf(string path) => StatusPages.Of(path, health, _export.Scrape);

    internal void Scanned(NodeScan scan)
    {
        var degradation = access.Evaluate(scan);
        if (degradation?.Reason != _degradation)
        {
            _degradation = degradation?.Reason;
            StandardError.WriteLine(
                degradation is null
                    ? "the mappings of all processes can be read again"
                    : $"DEGRADED: {degradation.Message}"
            );
        }

        _node.Scanned(scan, degradation);
    }

    internal void ScanFailed() => _node.ScanFailed();

    internal void ModeChanged() => _node.ModeChanged();

    public void Dispose()
    {
        _export.Dispose();
        Watch.Dispose();
        _node.Dispose();
    }
}
