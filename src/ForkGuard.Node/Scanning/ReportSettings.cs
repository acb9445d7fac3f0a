using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>Levels and interval of the scans, as a report's spec or the watches of a host ask for, with every value in its bounds.</summary>
/// <param name="ReportAtPercent">1 to 100.</param>
/// <param name="EveryScanAtPercent">0 to 100; null: no watch needs every scan.</param>
/// <param name="Interval">1 second to 5 minutes.</param>
internal sealed record ReportSettings(int ReportAtPercent, int? EveryScanAtPercent, TimeSpan Interval)
{
    internal static ReportSettings Default { get; } =
        new(WatchDefaults.ReportAtPercent, null, TimeSpan.FromSeconds(WatchDefaults.ScanSeconds));

    /// <summary>A process whose growth reaches a limit within this time is above the threshold; null: no watch has a forecast.</summary>
    internal TimeSpan? Forecast { get; init; }

    /// <summary>Rules to evaluate besides the kernel's own.</summary>
    internal WhatIfRules WhatIf { get; init; }

    /// <summary>CopyOnWrite also of processes that were not seen to save by forking.</summary>
    internal bool SnapshotsOfAll { get; init; }

    /// <summary>The scan reports processes from this percentage on: also those below the report level that every scan reports.</summary>
    internal int LevelPercent => Math.Max(1, Math.Min(ReportAtPercent, EveryScanAtPercent ?? ReportAtPercent));

    /// <summary>From here on a watch would notice, so that mappings are measured by smaps.</summary>
    internal int WarningPercent => Math.Max(LevelPercent, EveryScanAtPercent ?? WatchDefaults.WarnAtPercent);

    internal ScanLevels Levels => new(LevelPercent, WarningPercent);

    /// <summary>Takes over a spec; a number out of bounds keeps its earlier value, and an unknown what-if is left out.</summary>
    internal ReportSettings With(NodeForkReportSpec? spec) =>
        new(
            Within(spec?.ReportAtPercent ?? WatchDefaults.ReportAtPercent, 1, 100) ?? ReportAtPercent,
            spec?.EveryScanAtPercent is { } threshold ? Within(threshold, 0, 100) ?? EveryScanAtPercent : null,
            Within(spec?.ScanSeconds ?? WatchDefaults.ScanSeconds, 1, NodeForkReportSpec.MaxScanSeconds) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : Interval
        )
        {
            Forecast = spec?.ForecastSeconds is { } forecast
                ? Within(forecast, 60, 604_800) is { } within
                    ? TimeSpan.FromSeconds(within)
                    : Forecast
                : null,
            WhatIf = WhatIfRules.From(spec?.EvaluateAs),
            SnapshotsOfAll = spec?.SnapshotsOfAll ?? false,
        };

    private bool HasWatches => EveryScanAtPercent is not null || Forecast is not null;

    /// <summary>
    /// At or above the threshold of every scan, or on the way to the limit within the forecast. Never for an upper bound or a failed
    /// read: nothing is ever decided on those, and a node whose mappings may not be read would write at every scan.
    /// </summary>
    internal bool IsAboveThreshold(ConstraintReport constraint) =>
        RiskRank.IsEvidence(constraint)
        && (constraint.Percent >= EveryScanAtPercent || (HasWatches && RiskRank.IsForecast(constraint, Forecast)));

    internal bool IsAboveThreshold(ProcessReport process) => process.Constraints?.Any(IsAboveThreshold) == true;

    internal (Urgency Urgency, int Percent) RankOf(ConstraintReport constraint) =>
        RiskRank.Of(constraint, WarningPercent, Forecast);

    /// <summary>At or above the level from which the scan reports processes.</summary>
    internal bool IsAtLevel(ConstraintReport constraint) =>
        constraint.Refuses == true || constraint.Percent >= LevelPercent || RiskRank.IsForecast(constraint, Forecast);

    /// <summary>A constraint that does not bind is in the report too.</summary>
    internal bool IsReportedBesideBinding(ConstraintReport constraint) =>
        constraint.Refuses == true
        || constraint.Problem is not null
        || constraint.Percent
            >= Math.Min(ProcessReport.ListedFromPercent, EveryScanAtPercent ?? ProcessReport.ListedFromPercent)
        || RiskRank.IsForecast(constraint, Forecast);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"scans every {Interval.TotalSeconds:0} s, reports from {ReportAtPercent} %, at every scan from {(EveryScanAtPercent is { } threshold ? $"{threshold} %" : "no level")}"
        )
        + (
            Forecast is { } forecast
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $" or when growth reaches a limit within {forecast.TotalSeconds:0} s"
                )
                : ""
        )
        + (WhatIf.ToList() is { } rules ? $", also what if {string.Join(" and ", rules)}" : "")
        + (SnapshotsOfAll ? ", also saves of processes that were not seen to save" : "");

    private static int? Within(int value, int least, int most) => value >= least && value <= most ? value : null;
}
