using ForkGuard.ControllerRuntime;

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

    /// <summary>`kubectl describe node` looks for events that carry the node's name as uid, as those of the kubelet do.</summary>
    internal static ObjectReference Reference(string node) => new("v1", "Node", "", node, node);
}
