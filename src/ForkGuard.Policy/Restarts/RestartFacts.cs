using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>The world as it was read for one step.</summary>
public sealed record RestartFacts
{
    public required bool IsLeader { get; init; }

    /// <summary>The identity of a controller of another installation that wrote the record and is alive; null if there is none.</summary>
    public string? OtherInstallation { get; init; }

    /// <summary>The switch is off; null if it is on.</summary>
    public string? SwitchedOff { get; init; }

    /// <summary>The cache that lost its stream, as a sentence; null if none did.</summary>
    public string? StaleCache { get; init; }

    /// <summary>The watch was changed or deleted after its evaluation, as a sentence; null if it was not.</summary>
    public string? StaleWatch { get; init; }

    /// <summary>Why the pod is not the one of the reading: no longer selected, or its container was restarted. Null if it is.</summary>
    public string? Mismatch { get; init; }

    /// <summary>The pod of the request or of the restart in progress; null if there is none of its name.</summary>
    public PodFacts? Pod { get; init; }

    /// <summary>The workload; null for a pod without a controller, or if the workload is gone.</summary>
    public OwnerFacts? Owner { get; init; }

    /// <summary>The pod belongs to <see cref="Owner"/>.</summary>
    public bool IsOwned { get; init; } = true;

    /// <summary>Why nothing would start the workload again, as a sentence; null where a missing <see cref="Owner"/> is the reason.</summary>
    public string? Unmanaged { get; init; }

    /// <summary>Why no replacement can come any more, as a sentence; null while one may come.</summary>
    public string? NotReplaced { get; init; }

    /// <summary>All pods of the workload, also those that end, without those that ended by themselves.</summary>
    public IReadOnlyList<SiblingPod> Siblings { get; init; } = [];

    /// <summary>The pod's node; null if it is unknown.</summary>
    public NodeFacts? Node { get; init; }

    /// <summary>The restarts in progress of all other workloads.</summary>
    public IReadOnlyList<OpenRestart> Open { get; init; } = [];

    /// <summary>The owners between the pod and <see cref="Owner"/>, from the pod up.</summary>
    public IReadOnlyList<RestartOwner> OwnersBelow { get; init; } = [];

    /// <summary>
    /// The records of owners of the pod that <see cref="Owner"/> did not own when they were restarted, and of former owners of
    /// <see cref="Owner"/>.
    /// </summary>
    public IReadOnlyList<ForkRestartStatus> FormerRecords { get; init; } = [];

    /// <summary>The failed restarts of all workloads.</summary>
    public IReadOnlyList<RestartFailure> Failures { get; init; } = [];

    /// <summary>PodDisruptionBudgets that select the pod.</summary>
    public int DisruptionBudgets { get; init; }

    /// <summary>The last answer to a call about this pod that asks to wait; null if there is none.</summary>
    public BlockedCall? Blocked { get; init; }

    /// <summary>The last reading of the replacement; null without one.</summary>
    public ReplacementReading? Reading { get; init; }
}

/// <summary>A pod as the API server has it.</summary>
public sealed record PodFacts
{
    public required string Uid { get; init; }
    public required string? Node { get; init; }

    /// <summary>It is being deleted, or has ended.</summary>
    public bool IsTerminating { get; init; }
    public bool IsStatic { get; init; }
    public bool IsCritical { get; init; }

    /// <summary>Its restart policy is not Always: it has work to end, of a Job or of a kind that is not known here.</summary>
    public bool RunsToCompletion { get; init; }

    /// <summary>It has an emptyDir volume.</summary>
    public bool HasLocalStorage { get; init; }

    /// <summary>The annotation that forbids a restart, and how to remove it; null if none does.</summary>
    public string? OptOut { get; init; }

    /// <summary>Its own grace period.</summary>
    public int GracePeriodSeconds { get; init; } = 30;
}

/// <summary>The top owner of a pod: a Deployment and not its ReplicaSet.</summary>
public sealed record OwnerFacts
{
    public required RestartOwner Owner { get; init; }
    public required string Uid { get; init; }

    /// <summary>The uid of the pod's own controller, such as a ReplicaSet.</summary>
    public required string ControllerUid { get; init; }

    /// <summary>The owner whose pod template makes the pods; null if it is <see cref="Owner"/>, or of no known kind.</summary>
    public TemplateOwner? TemplateOwner { get; init; }

    /// <summary>The kind of the owner that makes the pods.</summary>
    public string TemplateKind => TemplateOwner?.Kind ?? Owner.Kind;

    /// <summary>A hash of the pod template; null where it is not known.</summary>
    public string? TemplateHash { get; init; }

    /// <summary>Wanted replicas; null where there is no such number.</summary>
    public int? Replicas { get; init; }

    /// <summary>The workload is of an unknown kind: it may have been deleted or scaled down since the decision.</summary>
    public bool IsUnread { get; init; }

    /// <summary>How long the workload may take to make a pod Ready.</summary>
    public TimeSpan ProgressDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>As in <c>Deployment redis</c>.</summary>
    public override string ToString() => $"{Owner.Kind} {Owner.Name}";
}

/// <summary>A pod of the workload.</summary>
public sealed record SiblingPod(
    string Uid,
    string Name,
    string? Node,
    string ControllerUid,
    bool IsReady,
    bool IsTerminating
);

/// <summary>A node: live for a decision, of the cache for a no.</summary>
public sealed record NodeFacts(bool IsReady, bool IsDraining, string? Zone);

/// <summary>A restart in progress that holds budget or is about to.</summary>
/// <param name="Owner">As in <c>shop/deployment-redis-0123</c>.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="WatchUid">The watch that asked for it.</param>
/// <param name="Node">The node of its pod.</param>
/// <param name="Zone">The zone of the node.</param>
/// <param name="State">Its state.</param>
/// <param name="Version">The resource version of the record: of two that were only decided the later one withdraws.</param>
public sealed record OpenRestart(
    string Owner,
    string Namespace,
    string WatchUid,
    string Node,
    string? Zone,
    RestartState State,
    string Version
);

/// <summary>An answer of the API server that asks to wait.</summary>
public sealed record BlockedCall(BlockReason Reason, string Message);

/// <summary>A reading of the replacement.</summary>
/// <param name="Level">The level that it proves.</param>
/// <param name="Percent">Of the limit, rounded down.</param>
/// <param name="SeenTime">When it was first seen, by the clock of the API server.</param>
public sealed record ReplacementReading(ProofLevel Level, int Percent, DateTimeOffset SeenTime);

/// <summary>The level of a replacement in a reading.</summary>
public enum ProofLevel
{
    /// <summary>Below <c>actAtPercent</c>.</summary>
    Below,

    /// <summary>At or above <c>actAtPercent</c>.</summary>
    AtOrAbove,

    /// <summary>The mode or the limit is another one.</summary>
    Changed,
}
