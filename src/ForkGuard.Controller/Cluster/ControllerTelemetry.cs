using System.Diagnostics.Metrics;
using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Cluster;

/// <summary>Metrics and spans of the controller, besides those of its runtime; units are those of UCUM. No tag of a metric is a pod or a uid.</summary>
internal sealed class ControllerTelemetry : IDisposable
{
    internal const string MeterName = "ForkGuard.Controller";

    /// <summary>Results of a restart besides those of a record.</summary>
    internal const string AcceptedResult = "Accepted";

    private readonly Meter _meter;
    private readonly Counter<long> _announcements;
    private readonly Counter<long> _suppressions;
    private readonly Counter<long> _restarts;
    private readonly Counter<long> _mismatches;

    public ControllerTelemetry(IMeterFactory? factory = null)
    {
        _meter = factory is null ? new Meter(MeterName) : factory.Create(MeterName);
        _announcements = _meter.CreateCounter<long>(
            "forkguard.announcements",
            "{event}",
            "Events about processes and nodes, by reason."
        );
        _suppressions = _meter.CreateCounter<long>(
            "forkguard.restarts.suppressed",
            "{decision}",
            "Wanted restarts that a gate did not allow, by gate."
        );
        _restarts = _meter.CreateCounter<long>("forkguard.restarts", "{restart}", "Restarts, by method and result.");
        _mismatches = _meter.CreateCounter<long>(
            "forkguard.reports.mismatched",
            "{process}",
            "Processes in reports whose pod does not match the report."
        );
        StartAtZero();
    }

    internal void Announced(RiskAnnouncementType type) =>
        _announcements.Add(1, new KeyValuePair<string, object?>("reason", type.ToString()));

    internal void Suppressed(BlockReason block) =>
        _suppressions.Add(1, new KeyValuePair<string, object?>("gate", block.ToString()));

    /// <summary>Counts a restart that the API server accepted, refused, or that ended.</summary>
    internal void Restarted(OpenEnum<RestartMethod> method, string result) =>
        _restarts.Add(1, new("method", method.Text), new("result", result));

    internal void ReportMismatched() => _mismatches.Add(1);

    /// <summary>Shows the pods at risk and the worst usage under each watch.</summary>
    internal void ObserveWatches(Func<IEnumerable<WatchRisk>> risks)
    {
        _meter.CreateObservableGauge(
            "forkguard.watch.pods_at_risk",
            () => risks().Select(risk => new Measurement<int>(risk.PodsAtRisk, TagsOf(risk))),
            "{pod}",
            "Pods at risk under a watch, by constraint."
        );
        _meter.CreateObservableGauge(
            "forkguard.watch.worst",
            () =>
                risks()
                    .Where(risk => risk.WorstPercent is not null)
                    .Select(risk => new Measurement<double>(risk.WorstPercent!.Value / 100.0, TagsOf(risk))),
            "1",
            "Highest usage of a constraint under a watch, as a fraction of its limit."
        );
    }

    /// <summary>Shows how many nodes have stopped reporting.</summary>
    internal void ObserveSilentNodes(Func<int> count) =>
        _meter.CreateObservableGauge("forkguard.nodes.silent", count, "{node}", "Nodes whose report stopped coming.");

    /// <summary>Shows how many pods are at risk, each counted once.</summary>
    internal void ObservePodsAtRisk(Func<int> count) =>
        _meter.CreateObservableGauge("forkguard.pods.at_risk", count, "{pod}", "Pods announced at risk.");

    /// <summary>Shows whether failed restarts stopped all others.</summary>
    internal void ObserveCircuit(Func<bool> isOpen) =>
        _meter.CreateObservableGauge(
            "forkguard.restarts.circuit_open",
            () => isOpen() ? 1 : 0,
            description: "1 while failed restarts stop all others."
        );

    /// <summary>Reports whether the instrument belongs to this controller, of several in one process.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public void Dispose() => _meter.Dispose();

    // A counter that did not exist before its first count has no increase then.
    private void StartAtZero()
    {
        foreach (var reason in Enum.GetNames<RiskAnnouncementType>())
        {
            _announcements.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }

        foreach (var gate in Enum.GetNames<BlockReason>())
        {
            _suppressions.Add(0, new KeyValuePair<string, object?>("gate", gate));
        }

        foreach (var method in Enum.GetNames<RestartMethod>())
        {
            foreach (var result in Enum.GetNames<RestartResult>().Append(AcceptedResult))
            {
                _restarts.Add(0, new("method", method), new("result", result));
            }
        }

        _mismatches.Add(0);
    }

    private static KeyValuePair<string, object?>[] TagsOf(WatchRisk risk) =>
        [
            new("watch.kind", risk.Kind),
            new("watch.namespace", risk.Namespace),
            new("watch.name", risk.Name),
            new("constraint", risk.Constraint),
        ];
}
