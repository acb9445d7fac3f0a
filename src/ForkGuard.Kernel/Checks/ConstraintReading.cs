using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>One constraint of one process, as read in one scan.</summary>
/// <remarks>
/// A constraint that does not apply to a process has no reading. A constraint whose source exists and could not be read has
/// one with a <see cref="Problem"/>, and its numbers are 0.
/// </remarks>
public readonly record struct ConstraintReading
{
    private const int MaxPercent = 1_000_000;

    public required ConstraintType Type { get; init; }
    public required ConstraintUnit Unit { get; init; }
    public required ConstraintScope Scope { get; init; }

    /// <summary>The cgroup's path in its hierarchy, or the uid; empty for a process and the node.</summary>
    public string ScopeName
    {
        get => field ?? "";
        init;
    }

    /// <summary>Usage against the limit, in <see cref="Unit"/>.</summary>
    public ulong Used { get; init; }

    /// <summary>The most that the kernel grants, in <see cref="Unit"/>; 0 if it grants nothing.</summary>
    public ulong Limit { get; init; }

    /// <summary>The kernel refuses a fork of the process now, as far as the numbers prove.</summary>
    public bool Refuses { get; init; }

    /// <summary>
    /// Instead of returning an errno the kernel kills a process of the scope; set only with <see cref="Refuses"/>.
    /// </summary>
    public bool Kills { get; init; }

    /// <summary>Exact only where the kernel does just this.</summary>
    public Confidence Confidence { get; init; }

    /// <summary>How far <see cref="Used"/> minus <see cref="Limit"/> can be off, in <see cref="Unit"/>; 0 if exact or unknown.</summary>
    public ulong Uncertainty { get; init; }

    /// <summary><see cref="Used"/> is only an upper bound: it proves that a fork succeeds, never that one is refused.</summary>
    public bool IsBound { get; init; }

    /// <summary>Seconds until a save that runs has used up the limit; null without one: of all else a single reading shows no growth.</summary>
    public long? SecondsToLimit { get; init; }

    /// <summary>Reason for which the constraint could not be read; null if it was read.</summary>
    public string? Problem { get; init; }

    /// <summary>100 * used / limit, rounded down, 0 to 1 000 000.</summary>
    public int Percent =>
        Limit == 0 ? (Used == 0 ? 0 : MaxPercent) : (int)UInt128.Min((UInt128)Used * 100 / Limit, MaxPercent);
}
