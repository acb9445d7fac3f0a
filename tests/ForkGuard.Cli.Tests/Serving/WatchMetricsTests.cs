using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Serving;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary>The series of watches on a host.</summary>
public sealed class WatchMetricsTests
{
    [Fact]
    public void Each_of_many_watches_has_its_series()
    {
        using var export = new MetricsExport(new ServiceIdentity("test"), WatchMetrics.MeterName);
        using var metrics = new WatchMetrics();
        var constraints = Enum.GetNames<ConstraintType>();
        metrics.Risks =
        [
            .. Enumerable
                .Range(0, 64)
                .SelectMany(watch =>
                    constraints.Select(constraint => new WatchRisk("ForkWatch", $"w{watch}", constraint, Targets: 0))
                ),
        ];
        var series = Encoding
            .UTF8.GetString(export.Scrape())
            .Split('\n')
            .Where(line => line.StartsWith("forkguard_targets_at_risk{", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(64 * constraints.Length, series.Count);
        Assert.DoesNotContain(series, line => line.Contains("overflow", StringComparison.Ordinal));
    }
}
