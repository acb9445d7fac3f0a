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
    public string? Unit { get; init; }
    public string? Command { get; init; }
    public Verdict Verdict { get; init; }
    public int Percent { get; init; }
    public DateTimeOffset? Since { get; init; }
}

/// <summary>What became of a restart.</summary>
public sealed record RestartRecord
{
    public PodReference? Pod { get; init; }
    public RestartMethod Method { get; init; }
    public DateTimeOffset? Time { get; init; }
    public string? Result { get; init; }
    public string? Message { get; init; }
}

/// <summary>The restarts of one owner (Deployment, StatefulSet, ...) within the last day.</summary>
public sealed record OwnerRecord
{
    public required string Kind { get; init; }
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public DateTimeOffset? LastRestartTime { get; init; }
    public int? RestartsToday { get; init; }
    public int? IneffectiveRestarts { get; init; }
}

/// <summary>A pod by name and uid.</summary>
public sealed record PodReference
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public string? Uid { get; init; }
}
