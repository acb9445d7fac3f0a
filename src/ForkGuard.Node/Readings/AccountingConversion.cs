using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using static ForkGuard.Node.Readings.KernelConversion;

namespace ForkGuard.Node.Readings;

/// <summary>Converts the accounting of one process to a constraint of the API.</summary>
internal static class AccountingConversion
{
    // The scanner's bound for a process that shows not even its size.
    private const ulong Anything = ulong.MaxValue / 4;

    /// <summary>Null in mode 1, where no accounting refuses a fork, and for a process that has ended.</summary>
    /// <param name="reading">The process as scanned.</param>
    /// <param name="distrust">Reason not to trust the numbers of the machine; null if there is none.</param>
    internal static ConstraintReport? ToConstraint(this in ProcessReading reading, string? distrust = null)
    {
        var assessment = reading.Assessment;
        if (assessment.Constraint == null || reading.Status is ReadStatus.Gone or ReadStatus.NoAddressSpace)
        {
            return null;
        }

        var isStrict = assessment.Constraint == ConstraintType.CommitCharge;
        var report = new ConstraintReport
        {
            Type = isStrict ? ConstraintType.CommitCharge : ConstraintType.LargestMapping,
            Unit = ConstraintUnit.Bytes,
            Scope = isStrict ? ConstraintScope.Node : ConstraintScope.Process,
            Confidence = ConfidenceOf(assessment),
        };
        if (ProblemOf(reading, distrust) is { } problem)
        {
            return report with { Confidence = Confidence.UpperBound, Problem = problem };
        }

        return report with
        {
            Used = Signed(assessment.Used),
            Limit = Signed(assessment.Limit),
            Percent = assessment.Percent,
            Uncertainty = isStrict && !assessment.IsExact ? Signed(assessment.Error) : null,
            Refuses = assessment.Verdict == Verdict.CannotFork ? true : null,
            Own = isStrict ? OwnPartOf(assessment) : null,
            ForkChildren = reading.ForkChildren > 0 ? Signed(reading.ForkChildren) : null,
            Mapping = reading.Mapping.ToReport(),
        };
    }

    // In mode 2 the process holds in Committed_AS what its fork would charge once more, and both go when it ends. By a bound, or
    // by the rule of another mode, only the charge is known.
    private static long OwnPartOf(in Assessment assessment) =>
        assessment.IsBound || assessment.IsMomentary
            ? Signed(assessment.Own)
            : Signed(Math.Min(assessment.Used, 2 * assessment.Own));

    internal static bool IsAccounting(ConstraintReport constraint) =>
        ConstraintTraits.Of(constraint.Type.Known).OvercommitMode is not null;

    /// <summary>Committed_AS against the limit of an ordinary process, which all processes of the node share.</summary>
    internal static ConstraintReport ToNodeConstraint(this in KernelState state, ulong forkChildren)
    {
        var limit = AccountingRule.Allowed(state, default);
        var distance = Math.Max(state.Committed, limit) - Math.Min(state.Committed, limit);
        var isExact = distance > state.CommitError;
        var report = new ConstraintReport
        {
            Type = ConstraintType.CommitCharge,
            Unit = ConstraintUnit.Bytes,
            Scope = ConstraintScope.Node,
            Confidence = isExact ? Confidence.Exact : Confidence.Estimate,
        };
        return state.Distrust is { } problem
            ? report with
            {
                Confidence = Confidence.UpperBound,
                Problem = BoundedText.OfProblem(problem),
            }
            : report with
            {
                Used = Signed(state.Committed),
                Limit = Signed(limit),
                Percent = PercentOf(state.Committed, limit),
                Uncertainty = isExact ? null : Signed(state.CommitError),
                Refuses = state.Committed >= limit ? true : null,
                ForkChildren = forkChildren > 0 ? Signed(forkChildren) : null,
            };
    }

    // A bound of the largest mapping proves nothing about what lies below it. In mode 2 it is off by the process's own
    // part at most.
    private static Confidence ConfidenceOf(in Assessment assessment) =>
        assessment.IsExact ? Confidence.Exact
        : assessment is { IsBound: true, Constraint: ConstraintType.LargestMapping } ? Confidence.UpperBound
        : Confidence.Estimate;

    private static string? ProblemOf(in ProcessReading reading, string? distrust) =>
        distrust is not null ? BoundedText.OfProblem(distrust)
        : reading.Status != ReadStatus.Ok && reading.Weight >= Anything
            ? $"the size of process {reading.Pid} cannot be read: {reading.Status}"
        : null;

    private static int PercentOf(ulong used, ulong limit) =>
        (int)UInt128.Min(limit == 0 ? int.MaxValue : (UInt128)used * 100 / limit, 1_000_000);
}
