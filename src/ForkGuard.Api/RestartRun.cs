using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>A restart in progress, with everything that a successor of the controller needs to complete it.</summary>
public sealed record RestartRun
{
    public required WatchReference Watch { get; init; }
    public required PodReference Pod { get; init; }
    public required string Node { get; init; }

    /// <summary>The node's zone; absent if it has none.</summary>
    public string? Zone { get; init; }

    /// <summary>The constraint that led to the restart.</summary>
    public required OpenEnum<ConstraintType> Constraint { get; init; }

    /// <summary>The sharers of the constraint: only entries of the same scope are compared in the proof.</summary>
    public OpenEnum<ConstraintScope> Scope { get; init; }

    /// <summary>The container whose process led to the restart; absent where the report names none.</summary>
    public string? Container { get; init; }

    /// <summary>The kernel's name of that process.</summary>
    public string? Command { get; init; }

    /// <summary>The limit of the constraint at the decision; another one proves nothing.</summary>
    public long? Limit { get; init; }

    /// <summary>vm.overcommit_memory of the node at the decision, 0 to 2.</summary>
    public int OvercommitMode { get; init; }

    /// <summary>The level of the watch at the decision, in percent: the replacement must stay below it.</summary>
    public required int ActAtPercent { get; init; }
    public OpenEnum<RestartMethod> Method { get; init; }

    /// <summary>1 to 3600 seconds; absent means the pod's own.</summary>
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Why the pod is restarted, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The uid of the workload: one of the same name made later is another one.</summary>
    public required string OwnerUid { get; init; }

    /// <summary>The uid of the pod's own controller, such as its ReplicaSet.</summary>
    public required string ControllerUid { get; init; }

    /// <summary>Absent if it is the workload itself, or if no owner of the pod is of a kind that is known.</summary>
    public TemplateOwner? TemplateOwner { get; init; }

    /// <summary>A hash of the workload's pod template; absent where the workload has none that is known.</summary>
    public string? TemplateHash { get; init; }

    /// <summary>Wanted replicas; absent where the workload has no such number.</summary>
    public int? Replicas { get; init; }

    /// <summary>The uids of all pods of the workload at the decision: none of them is a replacement.</summary>
    public required IReadOnlyList<string> Siblings { get; init; }

    /// <summary>Seconds from <see cref="AcceptedTime"/> in which the replacement must become Ready, at most 8100.</summary>
    public required int ReplaceWithinSeconds { get; init; }

    /// <summary>The cooldown before the decision, restored if nothing was done; absent if there was none.</summary>
    public RestartCooldown? PreviousCooldown { get; init; }
    public required DateTimeOffset DecidedTime { get; init; }

    /// <summary>When the first call was about to be made; absent before.</summary>
    public DateTimeOffset? CalledTime { get; init; }

    /// <summary>When the last call was about to be made; absent before the first.</summary>
    public DateTimeOffset? LastCallTime { get; init; }

    /// <summary>Calls so far: more than one means that the answer of an earlier one is unknown.</summary>
    public int CallCount { get; init; }

    /// <summary>When the pod was known to end; absent before.</summary>
    public DateTimeOffset? AcceptedTime { get; init; }

    /// <summary>Absent before the replacement is Ready.</summary>
    public ReplacementPod? Replacement { get; init; }
}

/// <summary>A watch at the generation that was evaluated.</summary>
public sealed record WatchReference
{
    public required string Kind { get; init; }

    /// <summary>Absent for a ClusterForkWatch.</summary>
    public string? Namespace { get; init; }
    public required string Name { get; init; }
    public required string Uid { get; init; }
    public long Generation { get; init; }

    /// <summary>As in <c>ForkWatch shop/redis</c>.</summary>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>The owner whose pod template makes the replacement, such as a StatefulSet that an operator's object owns.</summary>
public sealed record TemplateOwner
{
    public required string ApiVersion { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public required string Uid { get; init; }
}

/// <summary>The pod that took the place of the restarted one.</summary>
public sealed record ReplacementPod
{
    public required PodReference Pod { get; init; }
    public required string Node { get; init; }

    /// <summary>When it was first seen to be Ready; the proof counts from here.</summary>
    public required DateTimeOffset SeenTime { get; init; }
}
