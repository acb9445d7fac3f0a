namespace ForkGuard.Policy.Risk;

/// <summary>State that one evaluation leaves for the next one of the same watch, target and constraint.</summary>
public sealed record RiskMemory
{
    /// <summary>Time of the last evaluation.</summary>
    public required DateTimeOffset EvaluatedTime { get; init; }

    /// <summary>Time of the last evaluation whose reading proved something; a bound or a failed read does not.</summary>
    public required DateTimeOffset EvidenceTime { get; init; }

    /// <summary>The announced level: Clear, NearLimit, AtRisk or Impossible.</summary>
    public RiskLevel Announced { get; init; } = RiskLevel.Clear;

    /// <summary>Start of the warning condition; null while it does not hold.</summary>
    public DateTimeOffset? WarnSince { get; init; }

    /// <summary>Start of the condition to act; null while it does not hold.</summary>
    public DateTimeOffset? ActSince { get; init; }

    /// <summary>Start of the recovery; null while usage is not below the clear level.</summary>
    public DateTimeOffset? ClearSince { get; init; }

    /// <summary>Start of the refusals, seen or counted by the kernel; null without one.</summary>
    public DateTimeOffset? RefusesSince { get; init; }

    /// <summary>The kernel's count of refused forks that was last emitted, or first seen; null where it keeps none.</summary>
    public RefusalCount? Refusals { get; init; }

    /// <summary>The kernel's count of refused forks at the last evaluation, with the time when it last rose.</summary>
    public RefusalCount? LastRefusals { get; init; }

    /// <summary>The last ForkNearLimit.</summary>
    public LastEmitted? NearLimit { get; init; }

    /// <summary>The last ForkAtRisk or ForkSnapshotAtRisk.</summary>
    public LastEmitted? AtRisk { get; init; }

    /// <summary>The last ForkImpossible.</summary>
    public LastEmitted? Impossible { get; init; }

    /// <summary>The last ForkRefused.</summary>
    public LastEmitted? Refused { get; init; }

    /// <summary>There is a risk that a recovery ends.</summary>
    public bool IsAnnounced => Announced is RiskLevel.NearLimit or RiskLevel.AtRisk or RiskLevel.Impossible;

    /// <summary>
    /// An event of this risk was emitted, so that its recovery is. False where usage came back within ten minutes of the
    /// last event of the same kind.
    /// </summary>
    public bool IsEmitted { get; init; }

    /// <summary>The memory for another rule: every hold starts again, and what was announced stays.</summary>
    public RiskMemory WithoutHolds() =>
        this with
        {
            WarnSince = null,
            ActSince = null,
            ClearSince = null,
            RefusesSince = null,
        };

    /// <summary>An announcement of it still holds back the next one of its kind.</summary>
    internal bool HoldsBack(DateTimeOffset now) =>
        !RiskTransition.IsDue(NearLimit, now)
        || !RiskTransition.IsDue(AtRisk, now)
        || !RiskTransition.IsDue(Impossible, now)
        || !RiskTransition.IsDue(Refused, now);

    internal static RiskMemory Blank(DateTimeOffset now) => new() { EvaluatedTime = now, EvidenceTime = now };

    /// <summary>The memory after a recovery: the times of earlier events stay, and each kind is counted from 1 again.</summary>
    internal RiskMemory Recovered() =>
        Blank(EvaluatedTime) with
        {
            Refusals = Refusals,
            Refused = Refused,
            NearLimit = Uncounted(NearLimit),
            AtRisk = Uncounted(AtRisk),
            Impossible = Uncounted(Impossible),
        };

    private static LastEmitted? Uncounted(LastEmitted? last) => last is null ? null : last with { Count = 0 };
}

/// <summary>Time of the last announcement of a kind, and how often it was made by then.</summary>
public sealed record LastEmitted(DateTimeOffset Time, int Count);

/// <summary>Forks that the kernel had refused for the constraint by a time, since the cgroup exists.</summary>
/// <param name="Total">At least 0.</param>
/// <param name="Time">Time of the evaluation.</param>
/// <param name="ScopeName">The cgroup; null where the constraint names none.</param>
public sealed record RefusalCount(long Total, DateTimeOffset Time, string? ScopeName)
{
    /// <summary>Time of the evaluation that found more than the one before; null without one.</summary>
    public DateTimeOffset? RoseTime { get; init; }
}
