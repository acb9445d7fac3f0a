using System.Diagnostics.Metrics;

namespace ForkGuard.Cli.Serving;

/// <summary>Metrics of a watch on a host, besides those of the machine and its scans.</summary>
internal sealed class WatchMetrics : IDisposable
{
    internal const string MeterName = "ForkGuard.Watch";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _announcements;
    private int _atRisk;
    private int _manifestErrors;

    internal WatchMetrics()
    {
        _announcements = _meter.CreateCounter<long>(
            "forkguard.announcements",
            "{event}",
            "Events about processes and the machine, by reason."
        );
        _meter.CreateObservableGauge(
            "forkguard.targets.at.risk",
            () => Volatile.Read(ref _atRisk),
            "{target}",
            "Constraints of units and commands at or above the warning level of a watch."
        );
        _meter.CreateObservableGauge(
            "forkguard.manifest.errors",
            () => Volatile.Read(ref _manifestErrors),
            "{error}",
            "Errors in the manifests when they were last read."
        );
    }

    /// <summary>Targets that are at risk now, summed over the watches.</summary>
    internal int AtRisk
    {
        set => Volatile.Write(ref _atRisk, value);
    }

    /// <summary>Errors of the last read of the manifests.</summary>
    internal int ManifestErrors
    {
        set => Volatile.Write(ref _manifestErrors, value);
    }

    internal void Announced(string reason) =>
        _announcements.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
