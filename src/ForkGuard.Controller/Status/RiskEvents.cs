using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Status;

/// <summary>Emits the Events of a watch: on the pod or the node, with the watch as related, and on the watch itself.</summary>
internal sealed class RiskEvents(
    EventPublisher events,
    TargetNotes notes,
    ImpossibleRate rate,
    ControllerTelemetry telemetry
)
{
    /// <summary>Emits a change of risk; counts it where there is no event because of the rate.</summary>
    internal void Emit(WatchResource watch, WatchRule rule, Notification notification)
    {
        var (state, announcement, _, podIsGone) = notification;
        telemetry.Announced(announcement.Type);
        if (announcement.Type == RiskAnnouncementType.ForkImpossible && !rate.Allows(watch.Identity))
        {
            return;
        }

        var note = notes.Of(rule, notification);
        var gone = podIsGone ? state.Pod : null;
        Publish(
            watch,
            gone is null ? SubjectOf(state) : null,
            announcement.IsWarning ? EventType.Warning : EventType.Normal,
            announcement.Type.ToString(),
            EventAction.Observe,
            gone is null ? note : $"{EventPublisher.PodText(gone.Namespace, gone.Name)}, {note}",
            state
        );
    }

    /// <summary>Forgets a deleted watch.</summary>
    internal void Forget(WatchIdentity watch) => rate.Forget(watch);

    /// <summary>Emits the event of a restart that was blocked.</summary>
    internal void Suppressed(WatchResource watch, TargetState state, BlockReason reason, string message) =>
        Publish(
            watch,
            SubjectOf(state),
            EventType.Warning,
            "ForkRestartSuppressed",
            EventAction.Restart,
            $"{TargetNotes.Subject(state)}: not restarted, {reason}: {message}",
            state,
            reason.ToString()
        );

    private void Publish(
        WatchResource watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        TargetState state,
        string key = ""
    ) =>
        events.Publish(
            WatchOf(watch),
            subject,
            type,
            reason,
            action,
            note,
            $"{state.Target} {state.Since?.ToUnixTimeSeconds()} {key}"
        );

    // `kubectl describe pod` looks for the events of a static pod by the hash that its cgroup carries, as the kubelet's do.
    private static ObjectReference SubjectOf(TargetState state) =>
        state.Pod is { } pod
            ? EventPublisher.PodOf(pod with { Uid = state.Process?.Pod?.Uid ?? pod.Uid })
            : EventPublisher.NodeOf(state.Node);

    private static ObjectReference WatchOf(WatchResource watch) =>
        new(
            ForkGuardApi.ApiVersion,
            watch.Identity.Kind,
            watch.Identity.Namespace,
            watch.Identity.Name,
            watch.Metadata.Uid ?? ""
        );
}
