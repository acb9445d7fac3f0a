using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class HoldTests
{
    private readonly Timeline _timeline = new(Given.Rule);

    [Theory]
    [InlineData(69, RiskLevel.Clear)]
    [InlineData(70, RiskLevel.Pending)]
    [InlineData(101, RiskLevel.Pending)]
    public void A_first_reading_is_clear_or_pending(int percent, RiskLevel level)
    {
        var judgement = _timeline.Judge(0, Given.Exactly(percent));

        Assert.Equal(level, judgement.Level);
        Assert.Null(judgement.Announcement);
    }

    [Fact]
    public void The_percentage_is_rounded_down() =>
        Assert.Equal(RiskLevel.Clear, _timeline.Judge(0, Given.Exactly(70) with { UsedBytes = 699 }).Level);

    [Fact]
    public void A_warning_is_said_when_the_hold_is_complete_and_not_before()
    {
        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(0, 105, Given.Exactly(82)).Level);

        var judgement = _timeline.Judge(120, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, judgement.Level);
        Assert.Equal(
            new RiskAnnouncement(
                RiskAnnouncementType.ForkAtRisk,
                "82 % of the limit for 2 min (warns at 70 %)",
                Count: 1
            ),
            judgement.Announcement
        );
    }

    [Fact]
    public void A_process_that_cannot_fork_is_said_to_be_just_that()
    {
        var judgement = _timeline.Throughout(0, 120, Given.Exactly(105));

        Assert.Equal(RiskLevel.Impossible, judgement.Level);
        Assert.Equal(
            new RiskAnnouncement(
                RiskAnnouncementType.ForkImpossible,
                "a fork is refused, 50 B over the limit",
                Count: 1
            ),
            judgement.Announcement
        );
    }

    [Fact]
    public void Without_a_hold_one_reading_is_enough()
    {
        var judgement = new Timeline(Given.AtOnce).Judge(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, judgement.Level);
        Assert.Equal("82 % of the limit (warns at 70 %)", judgement.Announcement?.Reason);
    }

    [Fact]
    public void A_dip_below_the_warning_starts_the_hold_again()
    {
        _timeline.Throughout(0, 105, Given.Exactly(82));
        Assert.Equal(RiskLevel.Clear, _timeline.Judge(120, Given.Exactly(69)).Level);

        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(135, 240, Given.Exactly(82)).Level);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Judge(255, Given.Exactly(82)).Level);
    }

    [Theory]
    [InlineData(45, RiskLevel.AtRisk)]
    [InlineData(46, RiskLevel.Pending)]
    public void A_silence_of_more_than_three_scans_starts_the_hold_again(int silence, RiskLevel level)
    {
        _timeline.Throughout(0, 105, Given.Exactly(82));

        Assert.Equal(level, _timeline.Judge(105 + silence, Given.Exactly(82)).Level);
    }

    [Fact]
    public void A_clock_set_back_starts_the_hold_again()
    {
        _timeline.Throughout(1000, 1105, Given.Exactly(82));

        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(0, 105, Given.Exactly(82)).Level);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Judge(120, Given.Exactly(82)).Level);
    }

    [Fact]
    public void Unknown_readings_bridge_no_more_than_a_silence_does()
    {
        _timeline.Judge(0, Given.Exactly(82));
        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(15, 45, Given.Unreadable(130)).Level);
        Assert.Equal(RiskLevel.Unknown, _timeline.Throughout(60, 105, Given.Unreadable(130)).Level);

        Assert.Equal(RiskLevel.Pending, _timeline.Judge(120, Given.Exactly(82)).Level);
    }

    [Fact]
    public void A_forecast_warns_below_the_level()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        var reading = Given.Growing(40, 660) with { GrowthBytesPerMinute = 1288490189 };

        Assert.Equal(RiskLevel.Clear, timeline.Judge(0, reading with { SecondsToLimit = 901 }).Level);
        Assert.Equal(
            "at +1.2 GiB/min the limit is reached in 11 min (forecast 15 min)",
            timeline.Judge(15, reading).Announcement?.Reason
        );
    }

    [Fact]
    public void Without_a_forecast_in_the_rule_growth_decides_nothing() =>
        Assert.Equal(RiskLevel.Clear, _timeline.Judge(0, Given.Growing(69, 1)).Level);

    [Theory]
    [InlineData(EvaluationMode.Heuristic, "what if heuristic: 82 % of the limit (warns at 70 %)")]
    [InlineData(EvaluationMode.Strict, "what if strict: 82 % of the limit (warns at 70 %)")]
    public void A_what_if_says_that_it_is_one(EvaluationMode mode, string reason)
    {
        var timeline = new Timeline(Given.AtOnce with { EvaluateAs = mode });

        Assert.Equal(reason, timeline.Judge(0, Given.Exactly(82), mode: 1).Announcement?.Reason);
    }
}
