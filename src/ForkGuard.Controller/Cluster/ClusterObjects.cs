using System.Text.Json;
using ForkGuard.Api;

namespace ForkGuard.Controller.Cluster;

/// <summary>The part of a Pod that decisions need: with thousands of nodes the caches hold this and no more.</summary>
internal sealed record Pod
{
    public ObjectMeta? Metadata { get; init; }
    public PodSpec? Spec { get; init; }
    public PodStatus? Status { get; init; }
}

internal sealed record PodSpec
{
    public string? NodeName { get; init; }
    public string? PriorityClassName { get; init; }
    public string? RestartPolicy { get; init; }
    public long? TerminationGracePeriodSeconds { get; init; }
    public IReadOnlyList<PodVolume>? Volumes { get; init; }
    public IReadOnlyList<PodContainer>? Containers { get; init; }
    public IReadOnlyList<PodContainer>? InitContainers { get; init; }
    public IReadOnlyList<PodContainer>? EphemeralContainers { get; init; }
}

internal sealed record PodContainer
{
    public string? Name { get; init; }
}

internal sealed record PodVolume
{
    /// <summary>Present for an emptyDir of any medium.</summary>
    public JsonElement? EmptyDir { get; init; }
}

internal sealed record PodStatus
{
    public string? Phase { get; init; }
    public IReadOnlyList<PodCondition>? Conditions { get; init; }

    /// <summary>Only of a pod that was just read: the cache holds none.</summary>
    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }
    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }
    public IReadOnlyList<ContainerStatus>? EphemeralContainerStatuses { get; init; }
}

internal sealed record ContainerStatus
{
    public string? Name { get; init; }

    /// <summary>As in <c>containerd://0123</c>.</summary>
    public string? ContainerID { get; init; }
}

internal sealed record PodCondition
{
    public string? Type { get; init; }
    public string? Status { get; init; }
    public DateTimeOffset? LastTransitionTime { get; init; }
}

/// <summary>The part of a Node that decisions need.</summary>
internal sealed record Node
{
    public ObjectMeta? Metadata { get; init; }
    public NodeSpec? Spec { get; init; }
    public NodeStatus? Status { get; init; }
}

internal sealed record NodeSpec
{
    public bool? Unschedulable { get; init; }
}

internal sealed record NodeStatus
{
    public IReadOnlyList<NodeCondition>? Conditions { get; init; }
}

internal sealed record NodeCondition
{
    public string? Type { get; init; }
    public string? Status { get; init; }
}

/// <summary>The part of a Namespace that decisions need.</summary>
internal sealed record Namespace
{
    public ObjectMeta? Metadata { get; init; }
}

/// <summary>The part of a workload (a ReplicaSet, a Deployment, ...) that decisions need.</summary>
internal sealed record Workload
{
    public ObjectMeta? Metadata { get; init; }
    public WorkloadSpec? Spec { get; init; }
}

internal sealed record WorkloadSpec
{
    public int? Replicas { get; init; }
    public int? ProgressDeadlineSeconds { get; init; }
    public LabelSelector? Selector { get; init; }
    public JsonElement? Template { get; init; }
}

/// <summary>The part of a PodDisruptionBudget that decisions need.</summary>
internal sealed record DisruptionBudget
{
    public ObjectMeta? Metadata { get; init; }
    public DisruptionBudgetSpec? Spec { get; init; }
}

internal sealed record DisruptionBudgetSpec
{
    public LabelSelector? Selector { get; init; }
}

/// <summary>The part of a ConfigMap that decisions need.</summary>
internal sealed record ConfigMap
{
    public ObjectMeta? Metadata { get; init; }
    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
