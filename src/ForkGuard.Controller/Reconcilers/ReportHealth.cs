using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Status;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Emits events for agents that fell silent or report that they are degraded.</summary>
internal sealed class ReportHealth(
    NodeReadings readings,
    IResourceCache<Node> nodes,
    StatusWriter<NodeForkReport, NodeForkReportStatus> statuses,
    NodeEvents events,
    TimeSpan silentAfter,
    TimeProvider time
)
{
    internal const string AgentSilent = "AgentSilent";
    private const string NoReport = "NoReport";
    private const string Ready = "Ready";
    private const string Degraded = "Degraded";

    private readonly ConcurrentDictionary<string, string> _emitted = new(StringComparer.Ordinal);

    /// <summary>Linux nodes whose report stopped coming.</summary>
    internal int SilentNodes => nodes.List().Count(node => node.IsLinux() && IsSilent(node.Metadata?.Name ?? ""));

    /// <summary>Marks the report of a silent agent, and emits an event for one that is degraded.</summary>
    /// <returns>When to look again.</returns>
    internal async Task<TimeSpan> CheckAsync(NodeForkReport report, CancellationToken cancellationToken)
    {
        var node = report.Metadata?.Name ?? "";
        if (nodes.Get(new ResourceKey("", node))?.IsLinux() == false)
        {
            return silentAfter;
        }

        EmitDegraded(node, report);
        if (Find(report, Ready) is null)
        {
            await WriteAsync(report, NoReport, "the agent on this node has not reported yet", cancellationToken);
        }

        var silence = readings.SilenceOf(node) ?? TimeSpan.Zero;
        if (silence < silentAfter)
        {
            return silentAfter - silence + TimeSpan.FromSeconds(1);
        }

        if (!IsMarked(report) && nodes.Get(new ResourceKey("", node)) is not null)
        {
            await MarkAsync(node, report, silence, cancellationToken);
        }

        return silentAfter;
    }

    /// <summary>Forgets a node that was deleted: another one may get its name.</summary>
    internal void Forget(string node) => _emitted.TryRemove(node, out _);

    private bool IsSilent(string node) => readings.SilenceOf(node) >= silentAfter;

    private static bool IsMarked(NodeForkReport report) =>
        Find(report, Ready) is { Status: Conditions.Unknown, Reason: AgentSilent };

    private async Task MarkAsync(
        string node,
        NodeForkReport report,
        TimeSpan silence,
        CancellationToken cancellationToken
    )
    {
        var message =
            $"no report for {SizeText.Duration((long)silence.TotalSeconds)}; is the agent's pod on this node running?";
        if (await WriteAsync(report, AgentSilent, message, cancellationToken))
        {
            events.Degraded(node, AgentSilent, message);
        }
    }

    private async Task<bool> WriteAsync(
        NodeForkReport report,
        string reason,
        string message,
        CancellationToken cancellationToken
    )
    {
        var status = report.Status ?? new NodeForkReportStatus();
        var ready = Conditions.Of(Ready, Conditions.Unknown, reason, message);
        var written = await statuses.WriteAsync(
            report,
            status with
            {
                Conditions = Conditions.With(status.Conditions, ready, time.GetUtcNow()),
            },
            cancellationToken
        );
        return written.Outcome == StatusOutcome.Written;
    }

    private void EmitDegraded(string node, NodeForkReport report)
    {
        if (Find(report, Degraded) is not { Status: Conditions.True } degraded)
        {
            _emitted.TryRemove(node, out _);
            return;
        }

        var message = degraded.Message ?? degraded.Reason ?? Degraded;
        if (!string.Equals(_emitted.GetValueOrDefault(node), message, StringComparison.Ordinal))
        {
            events.Degraded(node, degraded.Reason ?? Degraded, PrintableText.Escape(message));
            _emitted[node] = message;
        }
    }

    private static Condition? Find(NodeForkReport report, string type) =>
        report.Status?.Conditions?.FirstOrDefault(condition =>
            string.Equals(condition.Type, type, StringComparison.Ordinal)
        );
}
