using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// mm/util.c, __vm_enough_memory, as kernel/fork.c, dup_mmap, asks it: one question for each accountable area.
/// Pure arithmetic.
/// </summary>
public static class AccountingRule
{
    private const int MaximumPercent = 1_000_000;

    /// <summary>
    /// Evaluates a fork of a process under a mode, which need not be the one that holds: then it is a what-if. A bound above
    /// the limit proves nothing and gives <see cref="Verdict.Unknown"/>; so do numbers that are not the kernel's own.
    /// </summary>
    public static Assessment Evaluate(in KernelState state, OvercommitMode mode, in ProcessCharge charge)
    {
        var assessment = mode switch
        {
            OvercommitMode.Always => new Assessment { Verdict = Verdict.NotApplicable },
            OvercommitMode.Strict => EvaluateStrict(state, charge),
            _ => EvaluateHeuristic(state, charge),
        };
        return state.Distrust is null ? assessment : assessment with { Verdict = Verdict.Unknown };
    }

    /// <summary>Returns the most that mode 2 grants a process: CommitLimit less what is kept back for root and for the user. 0 if nothing.</summary>
    public static ulong Allowed(in KernelState state, in ProcessCharge charge)
    {
        var keptBack = Math.Min(charge.TotalVm / 32 / state.PageSize * state.PageSize, state.UserReserve);
        if (!charge.HasSysAdmin)
        {
            keptBack += state.AdminReserve;
        }

        return state.CommitLimit > keptBack ? state.CommitLimit - keptBack : 0;
    }

    /// <summary>The limit of a mode for an ordinary process; null in mode 1, which has none.</summary>
    public static ulong? LimitOf(in KernelState state, OvercommitMode mode) =>
        mode switch
        {
            OvercommitMode.Always => null,
            OvercommitMode.Strict => Allowed(state, default),
            _ => HeuristicLimit(state),
        };

    internal static int Percent(ulong used, ulong limit, ConstraintType? constraint)
    {
        if (constraint == null)
        {
            return 0;
        }

        return limit == 0 ? MaximumPercent : (int)UInt128.Min((UInt128)used * 100 / limit, MaximumPercent);
    }

    /// <summary>
    /// Bytes below which a process stays below a percentage of its limit, whatever its reserve and capabilities: 0 where
    /// nothing is certain. Computed once, it spares an evaluation of each process.
    /// </summary>
    internal static ulong BytesBelow(in KernelState state, OvercommitMode mode, int percent)
    {
        var isStrict = mode == OvercommitMode.Strict;
        var limit = isStrict
            ? Saturating.Subtract(state.CommitLimit, Saturating.Add(state.UserReserve, state.AdminReserve))
            : HeuristicLimit(state);

        // Rounded up: floor(100 * used / limit) < percent for every used that is less.
        var bytes = (((UInt128)limit * (uint)Math.Max(percent, 0)) + 99) / 100;
        return Saturating.Subtract((ulong)UInt128.Min(bytes, ulong.MaxValue), isStrict ? state.Committed : 0);
    }

    private static Assessment EvaluateHeuristic(in KernelState state, in ProcessCharge charge)
    {
        var limit = HeuristicLimit(state);

        // Since 5.2 a mapping as large as the limit passes; before, it had to be smaller than what was free.
        var fits = state.Release.HasTotalMemoryRule ? charge.Largest <= limit : charge.Largest < limit;
        return new Assessment
        {
            Verdict = VerdictOf(fits, charge.IsBound),
            Constraint = ConstraintType.LargestMapping,
            Used = charge.Largest,
            Limit = limit,
            IsBound = charge.IsBound,
            IsMomentary =
                !state.Release.HasTotalMemoryRule || state.IsSwapEstimated || state.Mode != OvercommitMode.Heuristic,
        };
    }

    /// <summary>The same process with so much less committed on the machine than it was evaluated by (CommitCharge).</summary>
    internal static Assessment WithLessCommitted(in Assessment assessment, ulong bytes)
    {
        var committed = assessment.Used - assessment.Own;
        committed -= Math.Min(committed, bytes);
        return assessment with
        {
            Used = Saturating.Add(committed, assessment.Own),
            Verdict =
                assessment.Verdict == Verdict.Unknown && !assessment.IsBound
                    ? Verdict.Unknown
                    : StrictVerdict(committed, assessment.Own, assessment.Limit, assessment.IsBound),
        };
    }

    private static Assessment EvaluateStrict(in KernelState state, in ProcessCharge charge)
    {
        var limit = Allowed(state, charge);
        return new Assessment
        {
            Verdict = StrictVerdict(state.Committed, charge.Sum, limit, charge.IsBound),
            Constraint = ConstraintType.CommitCharge,
            Used = Saturating.Add(state.Committed, charge.Sum),
            Own = charge.Sum,
            Limit = limit,
            Error =
                state.CommitError
                + (charge.HasSysAdmin && state.HasSelinux ? state.AdminReserve : 0)
                + charge.Uncertainty,
            IsBound = charge.IsBound,
            IsMomentary = state.Mode != OvercommitMode.Strict,
        };
    }

    private static Verdict StrictVerdict(ulong committed, ulong own, ulong limit, bool isBound)
    {
        if (own == 0)
        {
            return Verdict.CanFork;
        }

        // Committed_AS alone above the limit refuses the smallest charge, whatever the bound hides.
        return VerdictOf(Saturating.Add(committed, own) < limit, isBound && committed < limit);
    }

    // A vendor's older kernel may carry the rule of 5.2 (4.18.0-x.el8): the smaller limit of both.
    private static ulong HeuristicLimit(in KernelState state) =>
        state.Release.HasTotalMemoryRule ? state.TotalMemory : Math.Min(state.FreeEstimate, state.TotalMemory);

    private static Verdict VerdictOf(bool fits, bool isBound) =>
        fits ? Verdict.CanFork
        : isBound ? Verdict.Unknown
        : Verdict.CannotFork;
}
