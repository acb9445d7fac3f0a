using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>The status of a ForkWatch or ClusterForkWatch, written by the controller only.</summary>
public sealed record WatchStatus
{
    public long? ObservedGeneration { get; init; }

    /// <summary>Ready, Accepted, AtRisk, ActionSuppressed and RestartIneffective.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    public int? PodsAtRisk { get; init; }

    /// <summary>The worst process under this watch, in percent of its limit, rounded down.</summary>
    public int? WorstPercent { get; init; }

    /// <summary>The constraint that <see cref="WorstPercent"/> is of.</summary>
    public OpenEnum<ConstraintType>? WorstConstraint { get; init; }

    /// <summary>The processes at risk, worst first, at most 20.</summary>
    public IReadOnlyList<WatchTarget>? Targets { get; init; }

    /// <summary>The values in force, with defaults; of the last valid spec if this one is invalid.</summary>
    public EffectiveValues? Effective { get; init; }
}

/// <summary>The values that a watch is evaluated by, with defaults: percentages of the binding limit, and seconds.</summary>
public sealed record EffectiveValues
{
    public required int WarnAtPercent { get; init; }
    public required int ActAtPercent { get; init; }
    public required int ClearBelowPercent { get; init; }
    public required int HoldSeconds { get; init; }

    /// <summary>Absent without a forecast.</summary>
    public int? ForecastSeconds { get; init; }
    public required OpenEnum<EvaluationMode> EvaluateAs { get; init; }
    public required OpenEnum<WatchAction> Action { get; init; }

    /// <summary>Absent if <see cref="Action"/> is not Restart.</summary>
    public EffectiveRestart? Restart { get; init; }
}

/// <summary>The values that a restart is decided by, with defaults; windows have none.</summary>
public sealed record EffectiveRestart
{
    public required OpenEnum<RestartMethod> Method { get; init; }
    public required int CooldownSeconds { get; init; }
    public required int MaxConcurrent { get; init; }
    public required int MinReadyReplicas { get; init; }
    public required int MaxIneffectiveRestarts { get; init; }

    /// <summary>Absent if the pod's own applies.</summary>
    public int? GracePeriodSeconds { get; init; }
    public required bool AllowLocalStorage { get; init; }
    public required bool DryRun { get; init; }
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

    /// <summary>Reason of the last Event about it: ForkAtRisk, ForkSnapshotAtRisk or ForkImpossible.</summary>
    public string? Emitted { get; init; }
    public int Percent { get; init; }
    public DateTimeOffset? Since { get; init; }
}

/// <summary>A pod by name and uid.</summary>
public sealed record PodReference
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public string? Uid { get; init; }
}
