namespace ForkGuard.Policy;

/// <summary>How a process stands under a watch.</summary>
public enum RiskLevel
{
    Clear,

    /// <summary>The warning condition holds, but not for long enough yet.</summary>
    Pending,

    /// <summary>Announced as near the limit.</summary>
    AtRisk,

    /// <summary>Announced as unable to fork.</summary>
    Impossible,

    /// <summary>The reading tells nothing, and nothing was known before.</summary>
    Unknown,

    /// <summary>Accounting cannot refuse this process.</summary>
    NotApplicable,
}

/// <summary>What is said; the names are the reasons of the Events.</summary>
public enum RiskAnnouncementType
{
    ForkAtRisk,
    ForkImpossible,
    ForkRecovered,
}

/// <summary>Something to say now.</summary>
/// <param name="Type">What is said.</param>
/// <param name="Reason">One short sentence without a full stop, in English.</param>
/// <param name="Count">1 the first time, higher for each repetition since the last recovery.</param>
public sealed record RiskAnnouncement(RiskAnnouncementType Type, string Reason, int Count);

/// <summary>Whether to act.</summary>
/// <param name="Wanted">The watch asks for a restart and the evidence lasted for the hold.</param>
/// <param name="Vetoes">All that speaks against it; empty when nothing is wanted, except for NotApplicable.</param>
public sealed record ActionDecision(bool Wanted, IReadOnlyList<ActionVeto> Vetoes)
{
    internal static readonly ActionDecision None = new(Wanted: false, []);

    /// <summary>Wanted, and nothing speaks against it.</summary>
    public bool Allowed => Wanted && Vetoes.Count == 0;
}

/// <summary>What one reading leads to.</summary>
/// <param name="Next">To be given as the past of the next judgement.</param>
/// <param name="Level">How the process stands now.</param>
/// <param name="Announcement">What to say now; null for nothing.</param>
/// <param name="NeedsFreshReading">Something hangs on this process: read its accountable mappings from the kernel, and judge again.</param>
/// <param name="Action">Whether to act, and why not.</param>
public sealed record Judgement(
    RiskMemory Next,
    RiskLevel Level,
    RiskAnnouncement? Announcement,
    bool NeedsFreshReading,
    ActionDecision Action
);
