using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Statuses;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Controller.Reports;

/// <summary>Events about nodes.</summary>
internal sealed class NodeEvents(EventRecorder recorder, EventQueue queue)
{
    internal void ModeChanged(string node, int from, int to) =>
        Record(
            node,
            EventType.Normal,
            "OvercommitModeChanged",
            $"vm.overcommit_memory changed from {from} to {to}"
                + (to == 1 ? "; memory accounting refuses no fork any more (a kubelet sets this at its start)" : ""),
            $"{from}-{to}"
        );

    internal void Degraded(string node, string message) =>
        Record(node, EventType.Warning, "ForkAgentDegraded", message, key: "");

    internal void Refused(string node, RefusalReport refusal)
    {
        var command =
            refusal.Kind == RefusalKind.Memory ? $"{PrintableText.Escape(refusal.Name)} (pid {refusal.LastPid}): " : "";
        Record(
            node,
            EventType.Warning,
            "ForkRefused",
            command + LoggedRefusalText.Of(refusal),
            $"{refusal.Kind}-{refusal.Name}"
        );
    }

    private void Record(string node, EventType type, string reason, string note, string key) =>
        queue.Post(
            node,
            token => recorder.RecordAsync(Reference(node), related: null, type, reason, "Observe", note, token, key)
        );

    /// <summary>`kubectl describe node` looks for events that carry the node's name as uid, as those of the kubelet do.</summary>
    internal static ObjectReference Reference(string node) => new("v1", "Node", "", node, node);
}
