using ForkGuard.Api;

namespace ForkGuard.Policy.Tests.Risk;

public sealed class RiskRankTests
{
    [Fact]
    public void Is_in_the_order_of_urgency_before_that_of_the_percentage()
    {
        var rule = Given.Rule with { Forecast = TimeSpan.FromMinutes(15) };
        ConstraintReport[] worstFirst =
        [
            Given.Pids(100),
            Given.Save(150),
            Given.Exactly(92),
            Given.Exactly(70),
            Given.Growing(40, secondsToLimit: 300),
            Given.Steady(95),
            Given.Steady(70) with
            {
                Growing = null,
            },
            Given.Unreadable,
            Given.UpperBound(300),
            Given.Exactly(69),
            Given.UpperBound(60),
            Given.Steady(20),
        ];
        Assert.Equal(
            worstFirst.Select(constraint => (constraint.Type, constraint.Percent)),
            worstFirst.Reverse().OrderByDescending(rule.RankOf).Select(c => (c.Type, c.Percent))
        );
    }

    [Fact]
    public void Growth_to_the_limit_counts_only_within_the_forecast()
    {
        var growing = Given.Growing(40, secondsToLimit: 300);
        Assert.Equal(Urgency.Low, RiskRank.Of(growing, 70, forecast: null).Urgency);
        Assert.Equal(Urgency.Low, RiskRank.Of(growing, 70, TimeSpan.FromSeconds(299)).Urgency);
        Assert.Equal(Urgency.Growing, RiskRank.Of(growing, 70, TimeSpan.FromSeconds(300)).Urgency);
    }

    [Fact]
    public void A_running_save_with_little_time_comes_before_one_that_may_not_fit_later()
    {
        var running = RiskRank.Of(Given.RunningSave(3, 60), 70, forecast: null);
        Assert.True(running.CompareTo(RiskRank.Of(Given.Save(95), 70, forecast: null)) > 0);
    }

    [Theory]
    [InlineData(60, null, Urgency.Growing)]
    [InlineData(61, null, Urgency.Low)]
    [InlineData(60, 15, Urgency.Growing)]
    [InlineData(300, 300, Urgency.Growing)]
    [InlineData(301, 300, Urgency.Low)]
    [InlineData(900, 86_400, Urgency.Growing)]
    [InlineData(901, 86_400, Urgency.Low)]
    public void A_running_save_counts_within_a_minute_or_the_forecast_and_15_minutes_at_most(
        int seconds,
        int? forecast,
        Urgency urgency
    )
    {
        TimeSpan? within = forecast is { } given ? TimeSpan.FromSeconds(given) : null;
        Assert.Equal(urgency, RiskRank.Of(Given.RunningSave(3, seconds), 70, within).Urgency);
    }
}
