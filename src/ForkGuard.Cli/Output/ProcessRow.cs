using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Cli.Output;

/// <summary>One process, or the machine, as a row of a table: the cells of <see cref="Headings"/>.</summary>
internal static class ProcessRow
{
    internal static readonly string[] Headings =
    [
        "PID",
        "COMMAND",
        "CONSTRAINT",
        "%",
        "BAR",
        "USED",
        "LIMIT",
        "GROWTH",
        "LEFT",
        "OWNER",
        "VERDICT",
    ];

    internal const int OwnerColumn = 9;
    internal const int VerdictColumn = 10;

    /// <summary>A longer verdict may be cut at the right edge.</summary>
    internal const int LongestVerdict = 23;

    private const int BarColumns = 10;

    /// <summary>Columns that a narrow terminal lacks, the first to go first.</summary>
    internal static readonly IReadOnlyList<int> Dispensable = [7, 6, 4, 8, 5, OwnerColumn];

    /// <summary>The cells that are numbers, to be set to the right.</summary>
    internal static bool IsNumeric(int column) => column is 0 or 3 or (>= 5 and <= 8);

    internal static string[] Cells(ProcessReport process) =>
        Cells(
            process.Pid.ToString(CultureInfo.InvariantCulture),
            process.Command,
            process.Binding(),
            OwnerOf(process),
            VerdictText(process)
        );

    /// <summary>A constraint that all processes of the machine share.</summary>
    internal static string[] Cells(ConstraintReport ofMachine) =>
        Cells(
            "-",
            "(machine)",
            ofMachine,
            "-",
            ofMachine.Refuses == true ? nameof(Verdict.CannotFork) : NearLimitText(ofMachine) ?? "-"
        );

    /// <summary>Measured at or above the default warning level; an upper bound proves nothing.</summary>
    internal static bool IsAtRisk(ConstraintReport? constraint) =>
        constraint is { Problem: null }
        && (
            constraint.Refuses == true
            || (constraint.Confidence != Confidence.UpperBound && constraint.Percent >= WatchDefaults.WarnAtPercent)
        );

    private static string[] Cells(
        string pid,
        string command,
        ConstraintReport? constraint,
        string owner,
        string verdict
    )
    {
        var isKnown = constraint is { Problem: null };
        var atMost = constraint?.Confidence == Confidence.UpperBound ? "≤" : "";
        return
        [
            pid,
            PrintableText.Escape(command),
            constraint?.Type.Text ?? "-",
            isKnown ? $"{atMost}{constraint!.Percent}" : "-",
            isKnown ? BarOf(constraint!) : "-",
            isKnown ? atMost + Amount(constraint!, constraint!.Used) : "-",
            isKnown ? Amount(constraint!, constraint!.Limit) : "-",
            isKnown && constraint!.GrowthPerMinute is { } growth and not 0 ? $"{Amount(constraint, growth)}/min" : "-",
            constraint?.SecondsToLimit is { } seconds ? SizeText.Duration(seconds) : "-",
            owner,
            verdict,
        ];
    }

    // An upper bound is drawn in another character: the usage may be far below it.
    private static string BarOf(ConstraintReport constraint)
    {
        var filled = Math.Clamp(constraint.Percent * BarColumns / 100, 0, BarColumns);
        var mark = constraint.Confidence == Confidence.UpperBound ? '-' : '#';
        return new string(mark, filled).PadRight(BarColumns, '.');
    }

    private static string Amount(ConstraintReport constraint, long amount) =>
        constraint.Unit == ConstraintUnit.Bytes
            ? SizeText.Bytes(amount)
            : amount.ToString(CultureInfo.InvariantCulture);

    /// <summary>Pod with container, or unit; a dash for neither.</summary>
    internal static string OwnerOf(ProcessReport process) =>
        process.Pod is { Name: null or "", Uid: { } uid } ? $"pod {PrintableText.Escape(uid)}"
        : process.Pod is { } pod
            ? PrintableText.Escape(
                string.Join(
                    '/',
                    new[] { pod.Namespace, pod.Name, process.Container?.Name }.Where(part => part is { Length: > 0 })
                )
            )
        : process.SystemdUnit is { } unit ? PrintableText.Escape(unit)
        : "-";

    private static string VerdictText(ProcessReport process)
    {
        var near = process.Verdict == Verdict.CanFork ? NearLimitText(process.Binding()) : null;
        var others = process.ProcessCount is > 1 and var count ? $" ({count} processes)" : "";
        return process.Verdict.Text + (near is null ? "" : $", {near}") + others;
    }

    private static string? NearLimitText(ConstraintReport? constraint) =>
        IsAtRisk(constraint) ? "near the limit" : null;
}
