using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class WatchRuleTests
{
    [Fact]
    public void A_spec_that_says_nothing_gets_the_documented_defaults()
    {
        var rule = WatchRule.From("redis", new ForkWatchSpec());

        Assert.Equal(
            new WatchRule
            {
                Name = "redis",
                WarnAtPercent = 70,
                ActAtPercent = 90,
                ClearBelowPercent = 60,
                Hold = TimeSpan.FromMinutes(2),
                Forecast = null,
                EvaluateAs = EvaluationMode.Actual,
                Action = WatchAction.Event,
                Paused = false,
                DryRun = false,
            },
            rule
        );
    }

    [Fact]
    public void Everything_that_is_given_counts()
    {
        var rule = WatchRule.From(
            "everything",
            new ClusterForkWatchSpec
            {
                WarnAtPercent = 50,
                ActAtPercent = 80,
                ClearBelowPercent = 20,
                HoldSeconds = 30,
                ForecastSeconds = 900,
                EvaluateAs = EvaluationMode.Strict,
                Action = WatchAction.Restart,
                Paused = true,
                Restart = new RestartSpec { DryRun = true },
            }
        );

        Assert.Equal(
            new WatchRule
            {
                Name = "everything",
                WarnAtPercent = 50,
                ActAtPercent = 80,
                ClearBelowPercent = 20,
                Hold = TimeSpan.FromSeconds(30),
                Forecast = TimeSpan.FromMinutes(15),
                EvaluateAs = EvaluationMode.Strict,
                Action = WatchAction.Restart,
                Paused = true,
                DryRun = true,
            },
            rule
        );
    }

    [Theory]
    [InlineData(80, 70)]
    [InlineData(11, 1)]
    [InlineData(10, 1)]
    [InlineData(1, 1)]
    public void Clearing_follows_the_warning_and_stays_where_a_process_can_get_below(int warn, int clear) =>
        Assert.Equal(clear, WatchRule.From("w", new ForkWatchSpec { WarnAtPercent = warn }).ClearBelowPercent);

    [Fact]
    public void The_action_never_comes_before_its_warning() =>
        Assert.Equal(95, WatchRule.From("w", new ForkWatchSpec { WarnAtPercent = 95 }).ActAtPercent);
}
