namespace ForkGuard.Policy.Risk;

/// <summary>Result of one evaluation.</summary>
/// <param name="Next">The past of the next evaluation of the same target.</param>
/// <param name="Level">State of the target now.</param>
/// <param name="Announcements">Announcements to emit now; mostly empty.</param>
/// <param name="NeedsFreshReading">A level depends on this target: read its constraint from the kernel, and evaluate again.</param>
/// <param name="Action">The decision to act, and the reasons against it.</param>
public sealed record RiskEvaluation(
    RiskMemory Next,
    RiskLevel Level,
    IReadOnlyList<RiskAnnouncement> Announcements,
    bool NeedsFreshReading,
    ActionDecision Action
);

/// <summary>The decision to act.</summary>
/// <param name="Wanted">The watch asks for a restart and the evidence lasted for the hold.</param>
/// <param name="BlockedBy">Everything that prevents the restart; empty when none is wanted, except for NotApplicable.</param>
public sealed record ActionDecision(bool Wanted, IReadOnlyList<BlockReason> BlockedBy)
{
    internal static readonly ActionDecision None = new(Wanted: false, []);

    /// <summary>Wanted and not blocked.</summary>
    public bool Allowed => Wanted && BlockedBy.Count == 0;
}
