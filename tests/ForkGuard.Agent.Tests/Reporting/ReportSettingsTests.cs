using System.Text.Json;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class ReportSettingsTests
{
    private static readonly ReportSettings Known = new(20, 50, TimeSpan.FromSeconds(5));

    [Fact]
    public void A_spec_is_taken_over()
    {
        var spec = new NodeForkReportSpec
        {
            ReportAtPercent = 5,
            HotAtPercent = 65,
            ScanSeconds = 30,
        };
        Assert.Equal(new ReportSettings(5, 65, TimeSpan.FromSeconds(30)), Known.With(spec));
    }

    [Fact]
    public void What_a_spec_leaves_out_is_the_default() =>
        Assert.Equal(new ReportSettings(10, null, TimeSpan.FromSeconds(15)), Known.With(new NodeForkReportSpec()));

    [Theory]
    [InlineData(0, -1, 0)]
    [InlineData(101, 101, 3601)]
    [InlineData(int.MinValue, int.MaxValue, int.MinValue)]
    public void What_is_out_of_bounds_stays_as_it_was(int reportAt, int hotAt, int seconds)
    {
        var spec = new NodeForkReportSpec
        {
            ReportAtPercent = reportAt,
            HotAtPercent = hotAt,
            ScanSeconds = seconds,
        };
        Assert.Equal(Known, Known.With(spec));
    }

    [Theory]
    [InlineData("""{"evaluateAs": ["Strict"]}""", false, true)]
    [InlineData("""{"evaluateAs": ["Strict", "Heuristic", "Strict"]}""", true, true)]
    [InlineData(
        """{"evaluateAs": ["Actual", "Sideways", "strict", "", null, "0", "Heuristic, Strict"]}""",
        false,
        false
    )]
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
        // It is told once, and not at each answer that says the same.
        Assert.Equal(settings, settings.With(report.Spec));
    }

    [Theory]
    [InlineData(10, null, 10)]
    [InlineData(10, 65, 10)]
    [InlineData(10, 5, 5)]
    [InlineData(10, 0, 1)]
    public void What_is_hot_is_looked_for_too(int reportAt, int? hotAt, int level) =>
        Assert.Equal(level, new ReportSettings(reportAt, hotAt, TimeSpan.FromSeconds(15)).LevelPercent);
}
