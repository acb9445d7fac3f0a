using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Events about nodes.</summary>
internal sealed class NodeEvents(EventPublisher events)
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

    /// <summary>Emits that an agent is degraded; each cause has an event of its own, because a repeated one keeps its note.</summary>
    internal void Degraded(string node, string cause, string message) =>
        Record(node, EventType.Warning, "ForkAgentDegraded", message, cause);

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
        events.On(EventPublisher.NodeOf(node), related: null, type, reason, EventAction.Observe, note, key);
}
