namespace ForkGuard.Policy;

/// <summary>What one judgement leaves for the next one of the same watch and the same process (or pod uid and container).</summary>
public sealed record RiskMemory
{
    /// <summary>When the last judgement was made.</summary>
    public required DateTimeOffset JudgedTime { get; init; }

    /// <summary>When a judgement last had a reading that proves something; an unknown verdict does not.</summary>
    public required DateTimeOffset EvidenceTime { get; init; }

    /// <summary>The level that the outside was told: Clear, AtRisk or Impossible.</summary>
    public RiskLevel Announced { get; init; } = RiskLevel.Clear;

    /// <summary>Since when the warning condition lasts; null while it does not hold.</summary>
    public DateTimeOffset? WarnSince { get; init; }

    /// <summary>Since when the condition to act lasts; null while it does not hold.</summary>
    public DateTimeOffset? ActSince { get; init; }

    /// <summary>The last ForkAtRisk since the last recovery.</summary>
    public Utterance? AtRisk { get; init; }

    /// <summary>The last ForkImpossible since the last recovery.</summary>
    public Utterance? Impossible { get; init; }

    internal bool IsAnnounced => Announced is RiskLevel.AtRisk or RiskLevel.Impossible;

    internal static RiskMemory Blank(DateTimeOffset now) => new() { JudgedTime = now, EvidenceTime = now };
}

/// <summary>When something was last said, and how often by then.</summary>
public sealed record Utterance(DateTimeOffset Time, int Count);
