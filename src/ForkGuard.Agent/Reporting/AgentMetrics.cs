using System.Diagnostics.Metrics;

namespace ForkGuard.Agent.Reporting;

/// <summary>Metrics of the agent's report. Those of the node are in <see cref="ForkGuard.Node.Telemetry.NodeMetrics"/>.</summary>
internal sealed class AgentMetrics : IDisposable
{
    internal const string MeterName = "ForkGuard.Agent";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _written;

    internal AgentMetrics()
    {
        _requests = _meter.CreateCounter<long>(
            "forkguard.report.requests",
            "{request}",
            "Requests to the API server for the node's report, by result."
        );
        _written = _meter.CreateCounter<long>("forkguard.reports.written", "{report}", "Reports written, by reason.");
        foreach (var outcome in Enum.GetNames<ReportOutcome>())
        {
            _requests.Add(0, Tag("result", outcome));
        }

        foreach (var reason in Enum.GetValues<WriteReason>().Where(reason => reason != WriteReason.None))
        {
            _written.Add(0, Tag("reason", reason.ToString()));
        }
    }

    internal void Answered(ReportOutcome outcome) => _requests.Add(1, Tag("result", outcome.ToString()));

    internal void Written(WriteReason reason) => _written.Add(1, Tag("reason", reason.ToString()));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
