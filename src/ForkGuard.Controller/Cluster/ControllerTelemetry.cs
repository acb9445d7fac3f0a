using System.Diagnostics.Metrics;
using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Cluster;

/// <summary>What the controller measures beside its runtime; units are those of UCUM, and no tag is a pod or a uid.</summary>
internal sealed class ControllerTelemetry : IDisposable
{
    internal const string MeterName = "ForkGuard.Controller";

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
            "{announcement}",
            "Events emitted about processes, by reason."
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
    }

    internal void Announced(RiskAnnouncementType type) =>
        _announcements.Add(1, new KeyValuePair<string, object?>("reason", type.ToString()));

    internal void Suppressed(BlockReason block) =>
        _suppressions.Add(1, new KeyValuePair<string, object?>("gate", block.ToString()));

    /// <summary>Counts a restart that the API server accepted, refused, or that ended.</summary>
    internal void Restarted(OpenEnum<RestartMethod> method, string result) =>
        _restarts.Add(1, new("method", method.Text), new("result", result));

    internal void ReportMismatched() => _mismatches.Add(1);

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
}
