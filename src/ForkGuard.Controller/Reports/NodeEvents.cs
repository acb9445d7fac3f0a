using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Controller.Reports;

/// <summary>Events about nodes.</summary>
internal sealed class NodeEvents(EventRecorder recorder)
{
    internal Task ModeChangedAsync(string node, int from, int to, CancellationToken cancellationToken) =>
        recorder.RecordAsync(
            Reference(node),
            related: null,
            EventType.Normal,
            "OvercommitModeChanged",
            "Observe",
            $"vm.overcommit_memory changed from {from} to {to}"
                + (to == 1 ? "; memory accounting refuses no fork any more (a kubelet sets this at its start)" : ""),
            cancellationToken,
            $"{from}-{to}"
        );

    internal Task DegradedAsync(string node, string message, CancellationToken cancellationToken) =>
        recorder.RecordAsync(
            Reference(node),
            related: null,
            EventType.Warning,
            "ForkAgentDegraded",
            "Observe",
            message,
            cancellationToken
        );

    internal Task RefusedAsync(string node, RefusalReport refusal, CancellationToken cancellationToken)
    {
        var command =
            refusal.Kind == RefusalKind.Memory ? $"{PrintableText.Escape(refusal.Name)} (pid {refusal.LastPid}): " : "";
        return recorder.RecordAsync(
            Reference(node),
            related: null,
            EventType.Warning,
            "ForkRefused",
            "Observe",
            command + LoggedRefusalText.Of(refusal),
            cancellationToken,
            $"{refusal.Kind}-{refusal.Name}"
        );
    }

    /// <summary>`kubectl describe node` looks for events that carry the node's name as uid, as those of the kubelet do.</summary>
    internal static ObjectReference Reference(string node) => new("v1", "Node", "", node, node);
}
