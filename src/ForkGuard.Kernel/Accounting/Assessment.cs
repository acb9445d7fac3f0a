using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// A verdict with the numbers behind it, in bytes. <c>IsBound</c>: <c>Used</c> is only an upper bound, because the
/// flags of the mappings were not read. <c>Error</c>: how far <c>Used - Limit</c> can be off, 0 if it is exact.
/// </summary>
public readonly record struct Assessment
{
    /// <summary>NotApplicable where accounting cannot refuse: in mode 1, and without an address space to copy.</summary>
    public Verdict Verdict { get; init; }

    /// <summary>LargestMapping or CommitCharge; null where accounting cannot refuse.</summary>
    public ConstraintType? Constraint { get; init; }

    /// <summary>The usage that is compared with the limit.</summary>
    public ulong Used { get; init; }

    /// <summary>CommitCharge: the part of <see cref="Used"/> that a fork of this process would charge.</summary>
    public ulong Own { get; init; }

    /// <summary>The most that the kernel grants; 0 when it grants nothing.</summary>
    public ulong Limit { get; init; }

    public ulong Error { get; init; }
    public bool IsBound { get; init; }

    /// <summary>The rule depends on the moment or is a what-if: right only as far as the moment lasts.</summary>
    public bool IsMomentary { get; init; }

    /// <summary>
    /// The kernel does just this: nothing here is a bound, a guess or within its error of the limit. Never without a verdict.
    /// </summary>
    public bool IsExact =>
        Verdict != Verdict.Unknown
        && !IsBound
        && !IsMomentary
        && (Error == 0 || (Used > Limit ? Used - Limit : Limit - Used) > Error);

    /// <summary>100 * used / limit, rounded down; at most 1 000 000. 0 without a constraint.</summary>
    public int Percent => AccountingRule.Percent(Used, Limit, Constraint);
}
