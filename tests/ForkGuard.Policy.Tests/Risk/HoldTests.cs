using ForkGuard.Api;

namespace ForkGuard.Policy.Tests.Risk;

public class HoldTests
{
    private readonly Timeline _timeline = new(Given.Rule);

    [Theory]
    [InlineData(69, RiskLevel.Clear)]
    [InlineData(70, RiskLevel.Pending)]
    public void Counts_a_first_reading_as_clear_or_pending(int percent, RiskLevel level)
    {
        var evaluated = _timeline.Evaluate(0, Given.Exactly(percent));

        Assert.Equal(level, evaluated.Level);
        Assert.Null(evaluated.Announcement);
    }

    [Fact]
    public void Rounds_the_percentage_down() =>
        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(0, Given.Exactly(70) with { Used = 699 }).Level);

    [Fact]
    public void Warns_when_the_hold_is_complete_and_not_before()
    {
        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(0, 105, Given.Exactly(82)).Level);

        var evaluated = _timeline.Evaluate(120, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
        Assert.Equal(RiskAnnouncementType.ForkAtRisk, evaluated.Type);
        Assert.Equal("82 % of the limit, at or above 70 % for 2 min", evaluated.Sentence);
        Assert.Equal(1, evaluated.Announcement?.Count);
    }

    [Fact]
    public void Reports_a_refusal_at_once_whatever_the_hold_is()
    {
        var evaluated = _timeline.Evaluate(0, Given.Steady(105));

        Assert.Equal(RiskLevel.Impossible, evaluated.Level);
        Assert.Equal(RiskAnnouncementType.ForkImpossible, evaluated.Type);
        Assert.Equal("a fork is refused, 50 B over the limit", evaluated.Sentence);
        Assert.False(evaluated.Action.Wanted);
    }

    /// <summary>A supervisor restarts a server that cannot fork long before any hold is over (U2).</summary>
    [Fact]
    public void Reports_a_refusal_that_ends_before_the_hold()
    {
        Assert.Equal(RiskAnnouncementType.ForkImpossible, _timeline.Evaluate(0, Given.Pids(100)).Type);

        for (var second = 15; second < 135; second += 15)
        {
            Assert.Null(_timeline.EvaluateAbsent(second).Announcement);
        }

        Assert.Equal(RiskAnnouncementType.ForkRecovered, _timeline.EvaluateAbsent(135).Type);
    }

    [Fact]
    public void Warns_at_the_first_reading_without_a_hold()
    {
        var evaluated = new Timeline(Given.AtOnce).Evaluate(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
        Assert.Equal("82 % of the limit (warns at 70 %)", evaluated.Sentence);
    }

    [Fact]
    public void Starts_the_hold_again_after_a_dip_below_the_warning()
    {
        _timeline.Throughout(0, 105, Given.Exactly(82));
        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(120, Given.Exactly(69)).Level);

        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(135, 240, Given.Exactly(82)).Level);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(255, Given.Exactly(82)).Level);
    }

    [Theory]
    [InlineData(45, RiskLevel.AtRisk)]
    [InlineData(46, RiskLevel.Pending)]
    public void Starts_the_hold_again_after_a_silence_of_more_than_three_scans(int silence, RiskLevel level)
    {
        _timeline.Throughout(0, 105, Given.Exactly(82));

        Assert.Equal(level, _timeline.Evaluate(105 + silence, Given.Exactly(82)).Level);
    }

    [Fact]
    public void Starts_the_hold_again_after_a_clock_was_set_back()
    {
        _timeline.Throughout(1000, 1105, Given.Exactly(82));

        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(0, 105, Given.Exactly(82)).Level);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(120, Given.Exactly(82)).Level);
    }

    [Fact]
    public void Bridges_with_failed_reads_no_more_than_a_silence()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        Assert.Equal(RiskLevel.Pending, _timeline.Throughout(15, 45, Given.Unreadable).Level);
        Assert.Equal(RiskLevel.Unknown, _timeline.Throughout(60, 105, Given.Unreadable).Level);

        Assert.Equal(RiskLevel.Pending, _timeline.Evaluate(120, Given.Exactly(82)).Level);
    }

    [Fact]
    public void Warns_below_the_level_by_a_forecast()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        var reading = Given.Growing(40, 660) with { GrowthPerMinute = 1288490189 };

        Assert.Equal(RiskLevel.Clear, timeline.Evaluate(0, reading with { SecondsToLimit = 901 }).Level);
        Assert.Equal(
            "at +1.2 GiB/min the limit is reached in 11 min (forecast 15 min)",
            timeline.Evaluate(15, reading).Sentence
        );
    }

    [Fact]
    public void Ignores_the_time_left_without_a_forecast_in_the_rule() =>
        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(0, Given.Growing(69, 1)).Level);

    [Theory]
    [InlineData(EvaluationMode.Heuristic, "what if heuristic: 82 % of the limit (warns at 70 %)")]
    [InlineData(EvaluationMode.Strict, "what if strict: 82 % of the limit (warns at 70 %)")]
    public void Names_a_what_if_in_the_sentence(EvaluationMode mode, string reason)
    {
        var timeline = new Timeline(Given.AtOnce with { EvaluateAs = mode });

        Assert.Equal(reason, timeline.Evaluate(0, Given.Exactly(82), mode: 1).Sentence);
    }
}
