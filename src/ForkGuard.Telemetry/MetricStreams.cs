using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace ForkGuard.Telemetry;

/// <summary>
/// Selects the metrics of the .NET runtime, and bounds the series of each metric: the SDK allocates memory for all series of a
/// metric at once, by default for 2000.
/// </summary>
internal static class MetricStreams
{
    /// <summary>The meter of the .NET runtime itself.</summary>
    internal const string RuntimeMeter = "System.Runtime";

    private const int DefaultSeries = 100;

    // 64 entries of a report, or 64 watches of a host, with nine constraints each.
    private const int ReportSeries = 576;

    // 500 watches with nine constraints each.
    private const int WatchSeries = 4500;

    // Without those of the process, which has metrics of its own, and those of the compiler.
    private static readonly FrozenSet<string> RuntimeMetrics = FrozenSet.Create(
        StringComparer.Ordinal,
        "dotnet.exceptions",
        "dotnet.gc.collections",
        "dotnet.gc.heap.total_allocated",
        "dotnet.gc.last_collection.heap.size",
        "dotnet.gc.last_collection.memory.committed_size",
        "dotnet.gc.pause.time",
        "dotnet.monitor.lock_contentions"
    );

    /// <summary>Metrics whose series exist as long as the program.</summary>
    internal static MetricStreamConfiguration? Lasting(Instrument instrument) =>
        PassingSeriesOf(instrument.Name) > 0
        || (instrument.Meter.Name == RuntimeMeter && !RuntimeMetrics.Contains(instrument.Name))
            ? MetricStreamConfiguration.Drop
            : new MetricStreamConfiguration { CardinalityLimit = DefaultSeries };

    /// <summary>Gauges whose series come and go with containers, units and watches.</summary>
    internal static MetricStreamConfiguration? Passing(Instrument instrument) =>
        PassingSeriesOf(instrument.Name) is var series and > 0
            ? new MetricStreamConfiguration { CardinalityLimit = series }
            : MetricStreamConfiguration.Drop;

    private static int PassingSeriesOf(string name) =>
        name.StartsWith("forkguard.watch.", StringComparison.Ordinal) ? WatchSeries
        : name.StartsWith("forkguard.container.", StringComparison.Ordinal)
        || name.StartsWith("forkguard.targets.", StringComparison.Ordinal)
        || name.StartsWith("forkguard.unit.", StringComparison.Ordinal)
            ? ReportSeries
        : 0;
}
