using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Reports;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Statuses;

/// <summary>Says what happened in Events: on the pod or the node, with the watch as related, and on the watch itself.</summary>
internal sealed class ForkEvents(
    EventRecorder recorder,
    EventQueue queue,
    EventNotes notes,
    ControllerTelemetry telemetry
)
{
    private const string Observe = "Observe";
    internal const string Restart = "Restart";

    /// <summary>Emits a change of risk.</summary>
    internal void Emit(WatchResource watch, WatchRule rule, Notice notice)
    {
        var (state, announcement, _, podIsGone) = notice;
        var note = notes.Of(rule, notice);
        var gone = podIsGone ? state.Pod : null;
        Record(
            watch,
            gone is null ? SubjectOf(state) : null,
            announcement.IsWarning ? EventType.Warning : EventType.Normal,
            announcement.Type.ToString(),
            Observe,
            gone is null ? note : $"{PodText(gone.Namespace, gone.Name)}, {note}",
            state
        );
        telemetry.Announced(announcement.Type);
    }

    /// <summary>Emits that a restart was wanted and not done.</summary>
    internal void Suppressed(WatchResource watch, TargetState state, BlockReason veto, string message) =>
        Record(
            watch,
            SubjectOf(state),
            EventType.Warning,
            "ForkRestartSuppressed",
            Restart,
            $"{EventNotes.Subject(state)}: not restarted, {veto}: {message}",
            state,
            veto.ToString()
        );

    /// <summary>Emits an event on an object and, with its name, on the watch.</summary>
    /// <param name="watch">The watch.</param>
    /// <param name="subject">The object; null for none but the watch.</param>
    /// <param name="type">Its type.</param>
    /// <param name="reason">Its reason.</param>
    /// <param name="action">Its action.</param>
    /// <param name="note">Its note.</param>
    /// <param name="key">Tells apart what reason and action do not.</param>
    internal void Record(
        ObjectReference watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        string key
    )
    {
        if (subject is not null)
        {
            On(subject, watch, type, reason, action, note, key);
        }

        var whole = subject is { Kind: "Pod" } pod ? $"{PodText(pod.Namespace, pod.Name)}, {note}" : note;
        On(watch, subject, type, reason, action, whole, key);
    }

    /// <summary>Emits an event on one object alone.</summary>
    internal void On(
        ObjectReference regarding,
        ObjectReference? related,
        EventType type,
        string reason,
        string action,
        string note,
        string key
    ) =>
        queue.Post(
            regarding.Uid,
            token => recorder.RecordAsync(regarding, related, type, reason, action, note, token, key)
        );

    private void Record(
        WatchResource watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        TargetState state,
        string key = ""
    ) =>
        Record(
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
            ? PodOf(pod with { Uid = state.Process?.Pod?.Uid ?? pod.Uid })
            : NodeEvents.Reference(state.Node);

    private static string PodText(string space, string name) => $"pod {space}/{name}";

    internal static ObjectReference PodOf(PodReference pod) => new("v1", "Pod", pod.Namespace, pod.Name, pod.Uid ?? "");

    private static ObjectReference WatchOf(WatchResource watch) =>
        new(
            ForkGuardApi.ApiVersion,
            watch.Identity.Kind,
            watch.Identity.Namespace,
            watch.Identity.Name,
            watch.Metadata.Uid ?? ""
        );
}
