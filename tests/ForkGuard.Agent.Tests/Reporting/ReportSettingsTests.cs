using System.Text.Json;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class ReportSettingsTests
{
    private static readonly ReportSettings Known = new(20, 50, TimeSpan.FromSeconds(5))
    {
        Forecast = TimeSpan.FromSeconds(600),
    };

    [Fact]
    public void A_spec_is_taken_over()
    {
        var spec = new NodeForkReportSpec
        {
            ReportAtPercent = 5,
            EveryScanAtPercent = 65,
            ScanSeconds = 30,
            ForecastSeconds = 900,
            SnapshotsOfAll = true,
        };
        Assert.Equal(
            new ReportSettings(5, 65, TimeSpan.FromSeconds(30))
            {
                Forecast = TimeSpan.FromSeconds(900),
                SnapshotsOfAll = true,
            },
            Known.With(spec)
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public void A_scan_interval_within_its_bounds_is_taken_over(int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            Known.With(new NodeForkReportSpec { ScanSeconds = seconds }).Interval
        );

    [Fact]
    public void A_value_that_a_spec_leaves_out_is_the_default() =>
        Assert.Equal(new ReportSettings(10, null, TimeSpan.FromSeconds(15)), Known.With(new NodeForkReportSpec()));

    [Theory]
    [InlineData(0, -1, 0, 59)]
    [InlineData(101, 101, 301, 604_801)]
    [InlineData(int.MinValue, int.MaxValue, int.MinValue, int.MaxValue)]
    public void A_value_out_of_bounds_stays_as_it_was(int reportAt, int everyScanAt, int seconds, int forecast)
    {
        var spec = new NodeForkReportSpec
        {
            ReportAtPercent = reportAt,
            EveryScanAtPercent = everyScanAt,
            ScanSeconds = seconds,
            ForecastSeconds = forecast,
        };
        Assert.Equal(Known, Known.With(spec));
    }

    [Theory]
    [InlineData("""{"evaluateAs": ["Strict"]}""", false, true)]
    [InlineData("""{"evaluateAs": ["Strict", "Heuristic", "Strict"]}""", true, true)]
    [InlineData("""{"evaluateAs": ["Actual", "Sideways", "strict", "", "0", "Heuristic, Strict"]}""", false, false)]
    [InlineData("""{"evaluateAs": ["Sideways", "Heuristic"]}""", true, false)]
    [InlineData("""{"evaluateAs": []}""", false, false)]
    [InlineData("""{"evaluateAs": null}""", false, false)]
    [InlineData("{}", false, false)]
    public void The_what_ifs_of_a_spec_are_taken_over_and_unknown_ones_left_out(
        string spec,
        bool heuristic,
        bool strict
    )
    {
        var report = JsonSerializer.Deserialize($$"""{"spec": {{spec}}}""", OwnReportJson.Default.OwnReport)!;
        var settings = Known.With(report.Spec);
        Assert.Equal(new WhatIfRules(heuristic, strict), settings.WhatIf);
        // It is logged once, and not at each answer that says the same.
        Assert.Equal(settings, settings.With(report.Spec));
    }

    [Theory]
    [InlineData(10, null, 10)]
    [InlineData(10, 65, 10)]
    [InlineData(10, 5, 5)]
    [InlineData(10, 0, 1)]
    public void Reports_processes_above_the_threshold_that_are_below_the_report_level(
        int reportAt,
        int? everyScanAt,
        int level
    ) => Assert.Equal(level, new ReportSettings(reportAt, everyScanAt, TimeSpan.FromSeconds(15)).LevelPercent);

    /// <summary>K14: the growth of a process matters long before its level does.</summary>
    [Theory]
    [InlineData(true, 600L, true)]
    [InlineData(true, 601L, false)]
    [InlineData(true, null, false)]
    [InlineData(false, 60L, false)]
    [InlineData(null, 60L, false)]
    public void Growth_into_a_limit_within_the_forecast_is_above_the_threshold(
        bool? growing,
        long? seconds,
        bool isAboveThreshold
    )
    {
        var constraint = Scans.Constraint(ConstraintType.LargestMapping, 20) with
        {
            Growing = growing,
            SecondsToLimit = seconds,
        };
        Assert.Equal(isAboveThreshold, Known.IsAboveThreshold(constraint));
        Assert.False(Known.IsAboveThreshold(constraint with { Confidence = Confidence.UpperBound }));
        Assert.False((Known with { Forecast = null }).IsAboveThreshold(constraint));
    }

    [Fact]
    public void A_running_save_with_little_time_is_above_the_threshold_while_there_are_watches()
    {
        var save = new ConstraintReport
        {
            Type = ConstraintType.CopyOnWrite,
            Confidence = Confidence.Estimate,
            Percent = 3,
            Growing = true,
            SecondsToLimit = 60,
        };
        Assert.True((Known with { Forecast = null }).IsAboveThreshold(save));
        Assert.False((Known with { Forecast = null, EveryScanAtPercent = null }).IsAboveThreshold(save));
    }
}
