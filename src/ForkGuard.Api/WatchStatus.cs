using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>The status of a ForkWatch or ClusterForkWatch, written by the controller only.</summary>
public sealed record WatchStatus
{
    public long? ObservedGeneration { get; init; }

    /// <summary>Accepted, AtRisk, ActionSuppressed and RestartIneffective.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    public int? PodsAtRisk { get; init; }

    /// <summary>The worst process under this watch, in percent of its limit, rounded down.</summary>
    public int? WorstPercent { get; init; }

    /// <summary>The constraint that <see cref="WorstPercent"/> is of.</summary>
    public OpenEnum<ConstraintType>? WorstConstraint { get; init; }

    public RestartRecord? LastRestart { get; init; }

    /// <summary>The processes at risk, worst first, at most 20.</summary>
    public IReadOnlyList<WatchTarget>? Targets { get; init; }

    /// <summary>The cooldown ledger: one entry an owner, at most 100.</summary>
    public IReadOnlyList<OwnerRecord>? Owners { get; init; }
}

/// <summary>A process at risk under a watch.</summary>
public sealed record WatchTarget
{
    public string? Node { get; init; }
    public PodReference? Pod { get; init; }
    public string? Container { get; init; }
    public string? SystemdUnit { get; init; }
    public string? Command { get; init; }
    public OpenEnum<ConstraintType> Constraint { get; init; }

    /// <summary>The sharers of the constraint.</summary>
    public OpenEnum<ConstraintScope>? Scope { get; init; }

    /// <summary>The cgroup or the uid that shares it, as in the report; absent for a process and the node.</summary>
    public string? ScopeName { get; init; }
    public OpenEnum<Verdict> Verdict { get; init; }
    public int Percent { get; init; }
    public DateTimeOffset? Since { get; init; }
}

/// <summary>What became of a restart.</summary>
public sealed record RestartRecord
{
    public PodReference? Pod { get; init; }
    public RestartMethod Method { get; init; }
    public DateTimeOffset? Time { get; init; }
    public RestartResult Result { get; init; }

    /// <summary>One sentence.</summary>
    public string? Message { get; init; }
}

/// <summary>How a restart went.</summary>
public enum RestartResult
{
    /// <summary>Accepted by the API server; the replacement is awaited.</summary>
    Accepted,

    /// <summary>The replacement is Ready and below <c>clearBelowPercent</c>.</summary>
    Recovered,

    /// <summary>No replacement was Ready and below <c>clearBelowPercent</c> in time.</summary>
    Ineffective,

    /// <summary>The pod was gone or replaced before the call: nothing was done.</summary>
    Superseded,

    /// <summary>The API server refused it.</summary>
    Refused,

    /// <summary>A dry run: nothing was done.</summary>
    DryRun,
}

/// <summary>The restarts of one owner (Deployment, StatefulSet, ...) within the last day.</summary>
public sealed record OwnerRecord
{
    public required string Kind { get; init; }
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public DateTimeOffset? LastRestartTime { get; init; }

    /// <summary>When a dry run last said that it would have restarted this owner.</summary>
    public DateTimeOffset? LastDryRunTime { get; init; }

    /// <summary>When its pods were restarted within the last day, oldest first: the newest 100.</summary>
    public IReadOnlyList<DateTimeOffset>? RestartTimes { get; init; }

    /// <summary>
    /// When restarts within the last day turned out not to have brought a Ready replacement below <c>clearBelowPercent</c>, oldest
    /// first: the newest 100.
    /// </summary>
    public IReadOnlyList<DateTimeOffset>? IneffectiveTimes { get; init; }

    /// <summary>The restart that is under way; absent when there is none.</summary>
    public RestartIntent? Restart { get; init; }
}

/// <summary>A restart that was decided, written before the call is made; it is there until the restart is over.</summary>
public sealed record RestartIntent
{
    public required PodReference Pod { get; init; }
    public required string Node { get; init; }

    /// <summary>The uid of the pod's controller (a ReplicaSet, a StatefulSet), by which its replacement is known.</summary>
    public string? ControllerUid { get; init; }

    /// <summary>The constraint that led to it, by which a recovery is known.</summary>
    public OpenEnum<ConstraintType>? Constraint { get; init; }

    public RestartMethod Method { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>When the API server accepted the eviction or deletion; absent before.</summary>
    public DateTimeOffset? AcceptedTime { get; init; }
}

/// <summary>A pod by name and uid.</summary>
public sealed record PodReference
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public string? Uid { get; init; }
}
