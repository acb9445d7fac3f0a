using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>What the report's spec asks of the agent, with every value in its bounds.</summary>
/// <param name="ReportAtPercent">1 to 100.</param>
/// <param name="HotAtPercent">0 to 100; null: no watch needs every scan.</param>
/// <param name="Interval">1 second to 1 hour.</param>
internal sealed record ReportSettings(int ReportAtPercent, int? HotAtPercent, TimeSpan Interval)
{
    internal static ReportSettings Default { get; } =
        new(WatchDefaults.ReportAtPercent, null, TimeSpan.FromSeconds(WatchDefaults.ScanSeconds));

    /// <summary>What-ifs to judge by besides the kernel's own rule.</summary>
    internal WhatIfRules WhatIf { get; init; }

    /// <summary>From this percentage on a scan looks closely: what is hot is reported too.</summary>
    internal int LevelPercent => Math.Max(1, Math.Min(ReportAtPercent, HotAtPercent ?? ReportAtPercent));

    /// <summary>Reported from the level on, and measured by smaps from where a watch would notice it.</summary>
    internal ScanLevels Levels =>
        new(LevelPercent, Math.Max(LevelPercent, HotAtPercent ?? WatchDefaults.WarnAtPercent));

    /// <summary>Takes over a spec; a number out of bounds keeps its value of before, and an unknown what-if is left out.</summary>
    internal ReportSettings With(NodeForkReportSpec? spec) =>
        new(
            Within(spec?.ReportAtPercent ?? WatchDefaults.ReportAtPercent, 1, 100) ?? ReportAtPercent,
            spec?.HotAtPercent is { } hot ? Within(hot, 0, 100) ?? HotAtPercent : null,
            Within(spec?.ScanSeconds ?? WatchDefaults.ScanSeconds, 1, 3600) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : Interval
        )
        {
            WhatIf = WhatIfRules.From(spec?.EvaluateAs),
        };

    /// <summary>
    /// At or above the level, and not by an upper bound of its largest mapping: nothing is ever decided on that, and a
    /// node whose mappings may not be read would write at every scan.
    /// </summary>
    internal bool IsHot(ProcessReport process) =>
        HotAtPercent is { } hot
        && process.Percent >= hot
        && process.Verdict != Verdict.Unknown
        && (process.Constraint == Constraint.CommitCharge || process.Mapping is not null);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"scans every {Interval.TotalSeconds:0} s, reports from {ReportAtPercent} %, at every scan from {(HotAtPercent is { } hot ? $"{hot} %" : "no level")}"
        ) + (WhatIf.ToWords() is { } words ? $", also what if {string.Join(" and ", words)}" : "");

    private static int? Within(int value, int least, int most) => value >= least && value <= most ? value : null;
}
