using ForkGuard.Controller.Evaluation;

namespace ForkGuard.Controller.Tests.Evaluation;

public sealed class ReportDelayTests
{
    [Theory]
    [InlineData(0, 15, 15, 0)]
    [InlineData(0, 15, 720, 705)]
    [InlineData(0, 300, 720, 420)]
    // Several that waited together: only the last one is new.
    [InlineData(705, 15, 0, 690)]
    [InlineData(690, 690, 0, 0)]
    [InlineData(690, 15, 8, 683)]
    // At its pace, more or less.
    [InlineData(705, 15, 15, 0)]
    [InlineData(705, 15, 12, 0)]
    [InlineData(0, 15, 20, 5)]
    // The node's clock was set back, and forward.
    [InlineData(0, -3585, 15, 3600)]
    [InlineData(0, 3615, 15, 0)]
    [InlineData(3600, 3615, 15, 0)]
    // Times that no clock shows.
    [InlineData(0, -300_000_000_000d, 15, 86_400)]
    [InlineData(86_400, 300_000_000_000d, 15, 0)]
    public void A_report_is_late_by_what_its_arrival_took_longer_than_its_scan(
        double before,
        double scanned,
        double arrived,
        double delay
    ) =>
        Assert.Equal(
            TimeSpan.FromSeconds(delay),
            ReportDelay.Of(
                TimeSpan.FromSeconds(before),
                TimeSpan.FromSeconds(scanned),
                TimeSpan.FromSeconds(arrived),
                TimeSpan.FromSeconds(15)
            )
        );
}
