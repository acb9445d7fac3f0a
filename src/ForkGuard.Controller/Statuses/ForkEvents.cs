using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Reports;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Statuses;

/// <summary>Says what happened in Events: on the pod or the node, with the watch as related, and on the watch itself.</summary>
internal sealed partial class ForkEvents(
    EventRecorder recorder,
    EventNotes notes,
    ControllerTelemetry telemetry,
    ILogger<ForkEvents> logger
)
{
    private const string Observe = "Observe";

    /// <summary>Emits a change of risk.</summary>
    internal async Task EmitAsync(
        WatchResource watch,
        WatchRule rule,
        Notice notice,
        CancellationToken cancellationToken
    )
    {
        var (state, announcement, _, podIsGone) = notice;
        var note = notes.Of(rule, notice);
        var gone = podIsGone ? state.Pod : null;
        await RecordAsync(
            watch,
            gone is null ? SubjectOf(state) : null,
            announcement.IsWarning ? EventType.Warning : EventType.Normal,
            announcement.Type.ToString(),
            Observe,
            gone is null ? note : $"{PodText(gone)}, {note}",
            state,
            cancellationToken
        );
        telemetry.Announced(announcement.Type);
    }

    /// <summary>Tells that a restart was wanted and not done.</summary>
    internal Task SuppressedAsync(
        WatchResource watch,
        TargetState state,
        BlockReason veto,
        string message,
        CancellationToken cancellationToken
    ) =>
        RecordAsync(
            watch,
            SubjectOf(state),
            EventType.Warning,
            "ForkRestartSuppressed",
            "Restart",
            $"{EventNotes.Subject(state)}: not restarted, {veto}: {message}",
            state,
            cancellationToken,
            veto.ToString()
        );

    /// <summary>Tells that a pod is being restarted, or in a dry run would have been.</summary>
    internal Task RestartedAsync(
        WatchResource watch,
        PodReference pod,
        string note,
        DateTimeOffset decided,
        CancellationToken cancellationToken
    ) => RecordAsync(watch, PodOf(pod), EventType.Warning, "ForkRestart", "Restart", note, decided, cancellationToken);

    /// <summary>Tells that a restart did not help.</summary>
    internal Task IneffectiveAsync(
        WatchResource watch,
        string note,
        DateTimeOffset decided,
        CancellationToken cancellationToken
    ) =>
        RecordAsync(
            watch,
            subject: null,
            EventType.Warning,
            "ForkRestartIneffective",
            "Restart",
            note,
            decided,
            cancellationToken
        );

    private Task RecordAsync(
        WatchResource watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        TargetState state,
        CancellationToken cancellationToken,
        string key = ""
    ) =>
        RecordAsync(
            watch,
            subject,
            type,
            reason,
            action,
            note,
            $"{state.Target} {state.Since?.ToUnixTimeSeconds()} {key}",
            cancellationToken
        );

    private Task RecordAsync(
        WatchResource watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        DateTimeOffset decided,
        CancellationToken cancellationToken
    ) =>
        RecordAsync(
            watch,
            subject,
            type,
            reason,
            action,
            note,
            decided.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            cancellationToken
        );

    private async Task RecordAsync(
        WatchResource watch,
        ObjectReference? subject,
        EventType type,
        string reason,
        string action,
        string note,
        string key,
        CancellationToken cancellationToken
    )
    {
        var about = WatchOf(watch);
        if (subject is not null)
        {
            await TryAsync(() =>
                recorder.RecordAsync(subject, about, type, reason, action, note, cancellationToken, key)
            );
        }

        var whole = subject is { Kind: "Pod" } pod ? $"{PodText(pod.Namespace, pod.Name)}, {note}" : note;
        await TryAsync(() => recorder.RecordAsync(about, subject, type, reason, action, whole, cancellationToken, key));
    }

    /// <summary>One event that is refused, as in a namespace that is being deleted, holds nothing else up.</summary>
    private async Task TryAsync(Func<Task> record)
    {
        try
        {
            await record();
        }
        catch (HttpOperationException refused) when ((int)refused.Response.StatusCode is >= 400 and < 429)
        {
            LogRefused(logger, refused.Response.Content);
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "an event was refused: {Answer}")]
    private static partial void LogRefused(ILogger logger, string answer);

    // `kubectl describe pod` looks for the events of a static pod by the hash that its cgroup carries, as the kubelet's do.
    private static ObjectReference SubjectOf(TargetState state) =>
        state.Pod is { } pod
            ? PodOf(pod with { Uid = state.Process?.Pod?.Uid ?? pod.Uid })
            : NodeEvents.Reference(state.Node);

    private static string PodText(PodReference pod) => PodText(pod.Namespace, pod.Name);

    private static string PodText(string space, string name) => $"pod {space}/{name}";

    private static ObjectReference PodOf(PodReference pod) => new("v1", "Pod", pod.Namespace, pod.Name, pod.Uid ?? "");

    private static ObjectReference WatchOf(WatchResource watch) =>
        new(
            ForkGuardApi.ApiVersion,
            watch.Identity.Kind,
            watch.Identity.Namespace,
            watch.Identity.Name,
            watch.Metadata.Uid ?? ""
        );
}
