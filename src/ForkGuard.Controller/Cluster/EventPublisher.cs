using ForkGuard.Api;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Cluster;

/// <summary>Emits Events about objects, asynchronously.</summary>
internal sealed class EventPublisher(EventRecorder recorder, EventQueue queue)
{
    /// <summary>Emits an event on an object and, with its name, on the watch.</summary>
    /// <param name="watch">The watch.</param>
    /// <param name="subject">The object; null for none but the watch.</param>
    /// <param name="type">Its type.</param>
    /// <param name="reason">Its reason.</param>
    /// <param name="action">Its action.</param>
    /// <param name="note">Its note.</param>
    /// <param name="key">Distinguishes events with equal reason and action.</param>
    internal void Publish(
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

    internal static string PodText(string ns, string name) => $"pod {ns}/{name}";

    internal static ObjectReference PodOf(PodReference pod) => new("v1", "Pod", pod.Namespace, pod.Name, pod.Uid ?? "");

    /// <summary>`kubectl describe node` looks for events that carry the node's name as uid, as those of the kubelet do.</summary>
    internal static ObjectReference NodeOf(string node) => new("v1", "Node", "", node, node);
}

/// <summary>Actions of the controller's Events.</summary>
internal static class EventAction
{
    internal const string Observe = "Observe";
    internal const string Restart = "Restart";
}
