using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Cluster;

/// <summary>Features of a pod, read from its fields.</summary>
internal static class PodFeatures
{
    // pkg/kubelet/types/pod_update.go
    internal const string MirrorAnnotation = "kubernetes.io/config.mirror";
    internal const string HashAnnotation = "kubernetes.io/config.hash";

    private const string TemplateHashLabel = "pod-template-hash";
    private static readonly string[] CriticalClasses = ["system-cluster-critical", "system-node-critical"];

    /// <summary>The kubelet runs it from a file, and shows a mirror of it in the API.</summary>
    internal static bool IsStatic(this Pod pod) =>
        pod.Metadata?.Annotations?.ContainsKey(MirrorAnnotation) == true
        || pod.Metadata?.OwnerReferences?.Any(owner => owner is { Kind: "Node", Controller: true }) == true;

    /// <summary>The uid that the pod's cgroup carries: the pod's own, but for a static pod the hash of its file.</summary>
    internal static bool HasCgroupUid(this Pod pod, string? uid) =>
        uid is { Length: > 0 } && pod.CgroupUids().Contains(uid, StringComparer.Ordinal);

    /// <summary>The pod has a container of this name, init and ephemeral containers included.</summary>
    internal static bool HasContainer(this Pod pod, string name) =>
        (pod.Spec?.Containers ?? [])
            .Concat(pod.Spec?.InitContainers ?? [])
            .Concat(pod.Spec?.EphemeralContainers ?? [])
            .Any(container => string.Equals(container.Name, name, StringComparison.Ordinal));

    /// <summary>The container of this name has another id than this one: it was restarted. False where either is not known.</summary>
    internal static bool HasRestartedContainer(this Pod pod, string? name, string? id) =>
        id is { Length: > 0 }
        && (pod.Status?.ContainerStatuses ?? [])
            .Concat(pod.Status?.InitContainerStatuses ?? [])
            .Concat(pod.Status?.EphemeralContainerStatuses ?? [])
            .FirstOrDefault(status => string.Equals(status.Name, name, StringComparison.Ordinal))
            is { ContainerID: { Length: > 0 } now }
        && !string.Equals(now[(now.LastIndexOf('/') + 1)..], id, StringComparison.Ordinal);

    /// <summary>The uids that the pod's cgroup may carry: its own, and for a static pod the hash of its file.</summary>
    internal static IEnumerable<string> CgroupUids(this Pod pod)
    {
        if (pod.Metadata?.Uid is { } uid)
        {
            yield return uid;
        }

        if (pod.IsStatic() && pod.Metadata?.Annotations?.GetValueOrDefault(HashAnnotation) is { } hash)
        {
            yield return hash;
        }
    }

    internal static bool IsCritical(this Pod pod) =>
        CriticalClasses.Contains(pod.Spec?.PriorityClassName, StringComparer.Ordinal);

    /// <summary>It ends by itself, as the pods of a Job or of a workflow do; those of a server are always started again.</summary>
    internal static bool RunsToCompletion(this Pod pod) => pod.Spec?.RestartPolicy is "Never" or "OnFailure";

    internal static bool HasLocalStorage(this Pod pod) =>
        pod.Spec?.Volumes?.Any(volume => volume.EmptyDir is { ValueKind: not System.Text.Json.JsonValueKind.Null })
        == true;

    /// <summary>It is being deleted, or has ended by itself.</summary>
    internal static bool IsTerminating(this Pod pod) => pod.Metadata?.DeletionTimestamp is not null || pod.HasEnded();

    /// <summary>
    /// It has ended by itself, as one that a kubelet evicted: a ReplicaSet replaces it and leaves it, for days, to the garbage
    /// collector.
    /// </summary>
    internal static bool HasEnded(this Pod pod) =>
        pod is { Metadata.DeletionTimestamp: null, Status.Phase: "Succeeded" or "Failed" };

    /// <summary>
    /// The pods of one workload have one key: the controller, or for a ReplicaSet of a Deployment the name that all its
    /// ReplicaSets share, as during a rollout. Null for a pod without a controller. Only for a no.
    /// </summary>
    internal static string? WorkloadKey(this Pod pod)
    {
        if (pod.Metadata.Controller() is not { Uid: { } uid } controller)
        {
            return null;
        }

        var suffix = "-" + pod.Metadata?.Labels?.GetValueOrDefault(TemplateHashLabel);
        return
            controller is { Kind: "ReplicaSet", Name: { } name }
            && suffix.Length > 1
            && name.EndsWith(suffix, StringComparison.Ordinal)
            ? $"{pod.Metadata?.Namespace}/{name[..^suffix.Length]}"
            : uid;
    }

    /// <summary>When it became Ready; null while it is not.</summary>
    internal static DateTimeOffset? ReadySince(this Pod pod) =>
        pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "Ready", Status: "True" }) is { } ready
            ? ready.LastTransitionTime ?? DateTimeOffset.MinValue
            : null;

    /// <summary>The kubelet reports it as Ready.</summary>
    internal static bool IsReady(this Node node) =>
        node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    internal static OwnerReference? Controller(this ObjectMeta? metadata) =>
        metadata?.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true);

    internal static string? OptOutOf(this ObjectMeta? metadata, string kind) =>
        OptOut.In(metadata?.Annotations, kind, metadata?.Namespace ?? "", metadata?.Name ?? "");
}
