namespace ForkGuard.Policy.Risk;

/// <summary>State of a target under a watch.</summary>
public enum RiskLevel
{
    Clear,

    /// <summary>The warning condition holds, but not for long enough yet.</summary>
    Pending,

    /// <summary>Announced as steady near the limit, or not known to grow.</summary>
    NearLimit,

    /// <summary>Announced as growing towards the limit, or as a save that may not survive.</summary>
    AtRisk,

    /// <summary>Announced as unable to fork.</summary>
    Impossible,

    /// <summary>The reading proves nothing, and nothing was known before.</summary>
    Unknown,

    /// <summary>The constraint cannot refuse a fork of this process.</summary>
    NotApplicable,
}
