using System.Diagnostics.Metrics;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Serving;

/// <summary>Metrics of a watch on a host, besides those of the machine and its scans.</summary>
internal sealed class WatchMetrics : IDisposable
{
    internal const string MeterName = "ForkGuard.Watch";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _announcements;
    private volatile IReadOnlyList<WatchRisk> _risks = [];
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
            TargetsAtRisk,
            "{target}",
            "Units and commands at or above the warning level of a watch, by constraint."
        );
        foreach (var reason in Enum.GetNames<RiskAnnouncementType>())
        {
            _announcements.Add(0, Tag("reason", reason));
        }

        _meter.CreateObservableGauge(
            "forkguard.manifest.errors",
            () => Volatile.Read(ref _manifestErrors),
            "{error}",
            "Errors in the manifests when they were last read."
        );
    }

    /// <summary>Targets at risk by watch and constraint, as of the last scan.</summary>
    internal IReadOnlyList<WatchRisk> Risks
    {
        set => _risks = value;
    }

    /// <summary>Errors of the last read of the manifests.</summary>
    internal int ManifestErrors
    {
        set => Volatile.Write(ref _manifestErrors, value);
    }

    internal void Announced(string reason) => _announcements.Add(1, Tag("reason", reason));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> TargetsAtRisk() =>
        _risks.Select(risk => new Measurement<int>(
            risk.Targets,
            Tag("watch.kind", risk.Kind),
            Tag("watch.name", risk.Name),
            Tag("constraint", risk.Constraint)
        ));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
