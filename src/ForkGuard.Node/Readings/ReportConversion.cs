using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Readings;

/// <summary>A reading of the kernel's as a record of the API.</summary>
internal static class ReportConversion
{
    internal static ProcessReport ToReport(this in ProcessReading reading, string? unit = null)
    {
        var assessment = reading.Assessment;
        var hasLimit = assessment.Constraint != ForkConstraint.None;
        var isStrict = assessment.Constraint == ForkConstraint.CommitCharge;
        return new ProcessReport
        {
            MeasuredTime = reading.MeasuredTime,
            Pid = reading.Pid,
            StartTime = Signed(reading.StartTime),
            Command = reading.Command,
            Unit = unit,
            Verdict = VerdictOf(reading),
            Confidence = assessment.IsExact ? Confidence.Exact : Confidence.Estimate,
            ErrorBytes = ErrorOf(assessment),
            Constraint = ConstraintOf(assessment.Constraint),
            UsedBytes = Signed(assessment.Used),
            OwnBytes = isStrict ? Signed(assessment.Own) : null,
            ForkChildBytes = reading.ForkChildren > 0 ? Signed(reading.ForkChildren) : null,
            LimitBytes = hasLimit ? Signed(assessment.Limit) : null,
            Percent = assessment.Percent,
            Mapping = MappingOf(reading.Mapping),
        };
    }

    internal static KernelReport ToReport(this in KernelState state, string release) =>
        new()
        {
            Release = release,
            OvercommitMode = (int)state.Mode,
            LimitBytes = AccountingRule.LimitOf(state, state.Mode) is { } limit ? Signed(limit) : null,
            CommittedBytes = Signed(state.Committed),
        };

    internal static long Signed(ulong value) => (long)Math.Min(value, long.MaxValue);

    private static Verdict VerdictOf(in ProcessReading reading) =>
        reading.Status == ReadStatus.Gone
            ? Verdict.Unknown
            : reading.Assessment.Verdict switch
            {
                ForkVerdict.CanFork => Verdict.CanFork,
                ForkVerdict.CannotFork => Verdict.CannotFork,
                ForkVerdict.NotApplicable => Verdict.NotApplicable,
                _ => Verdict.Unknown,
            };

    private static Constraint? ConstraintOf(ForkConstraint constraint) =>
        constraint switch
        {
            ForkConstraint.LargestMapping => Constraint.LargestMapping,
            ForkConstraint.CommitCharge => Constraint.CommitCharge,
            _ => null,
        };

    // In mode 2 a bound is off by the process's own part at most. Of the largest mapping a bound tells nothing else, which
    // is what an absent error says; a measured one is as it is, and only the limit moves.
    private static long? ErrorOf(in Assessment assessment) =>
        assessment.IsExact ? null
        : assessment.Constraint == ForkConstraint.CommitCharge
            ? Signed(assessment.Error + (assessment.IsBound ? assessment.Own : 0))
        : assessment.IsBound ? null
        : 0;

    private static MappingReport? MappingOf(in MappingRange mapping) =>
        mapping.Bytes == 0
            ? null
            : new MappingReport
            {
                Start = mapping.Start.ToString("x", CultureInfo.InvariantCulture),
                End = mapping.End.ToString("x", CultureInfo.InvariantCulture),
                Name = mapping.Name.Length == 0 ? null : mapping.Name,
            };
}
