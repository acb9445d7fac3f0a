using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>Evidence in estimates, bounds and readings of an earlier scan.</summary>
public class TrustTests
{
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Theory]
    [InlineData(69, false, RiskLevel.Clear)]
    [InlineData(70, true, RiskLevel.Clear)]
    [InlineData(100, true, RiskLevel.Clear)]
    [InlineData(300, true, RiskLevel.Unknown)]
    public void An_upper_bound_raises_nothing_and_asks_for_a_reading(int percent, bool needsFresh, RiskLevel level)
    {
        var evaluated = _timeline.Evaluate(0, Given.UpperBound(percent));

        Assert.Equal(level, evaluated.Level);
        Assert.Equal(needsFresh, evaluated.NeedsFreshReading);
        Assert.Null(evaluated.Announcement);
        Assert.False(evaluated.Action.Wanted);
    }

    [Fact]
    public void An_upper_bound_below_clear_is_a_recovery()
    {
        _timeline.Evaluate(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(15, Given.UpperBound(59)).Level);
    }

    [Fact]
    public void An_upper_bound_that_grows_towards_the_limit_asks_for_a_reading()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        var bound = Given.Growing(50, 600) with { Confidence = Confidence.UpperBound };

        var evaluated = timeline.Evaluate(0, bound);

        Assert.Equal(RiskLevel.Clear, evaluated.Level);
        Assert.True(evaluated.NeedsFreshReading);
    }

    [Theory]
    [InlineData(75, 6, RiskLevel.Clear, null)]
    [InlineData(75, 5, RiskLevel.AtRisk, "at least 70 % of the limit (warns at 70 %)")]
    [InlineData(104, 5, RiskLevel.AtRisk, "at least 99 % of the limit (warns at 70 %)")]
    [InlineData(106, 5, RiskLevel.Impossible, "a fork is refused, 60 B over the limit")]
    public void Of_an_estimate_only_what_is_certain_warns(int percent, int error, RiskLevel level, string? reason)
    {
        var evaluated = _timeline.Evaluate(0, Given.Estimated(percent, error));

        Assert.Equal(level, evaluated.Level);
        Assert.Equal(reason, evaluated.Sentence);
    }

    [Fact]
    public void The_forecast_of_an_estimate_starts_from_what_is_certain()
    {
        var rule = Given.AtOnce with { Forecast = TimeSpan.FromMinutes(2) };
        var reading = Given.Growing(60, 120) with { Confidence = Confidence.Estimate };

        Assert.Equal(RiskLevel.Clear, new Timeline(rule).Evaluate(0, reading with { Uncertainty = 100 }).Level);
        Assert.Equal(RiskLevel.AtRisk, new Timeline(rule).Evaluate(0, reading with { Uncertainty = 0 }).Level);
    }

    [Theory]
    [InlineData(108, 30, RiskLevel.AtRisk, "at least 78 % of the limit, at or above 70 % for 15 s")]
    [InlineData(108, 39, RiskLevel.Clear, null)]
    [InlineData(135, 31, RiskLevel.Impossible, "a fork is refused, 40 B over the limit")]
    [InlineData(131, 31, RiskLevel.Impossible, "a fork is refused, the limit is reached")]
    public void Excludes_what_goes_with_a_fork_child(int percent, int child, RiskLevel level, string? reason)
    {
        var saving = Saving(percent, child);

        var evaluated = _timeline.EvaluateTwice(saving);

        Assert.Equal(level, evaluated.Level);
        Assert.Equal(reason, evaluated.Sentence);
        Assert.Equal(level == RiskLevel.Impossible, evaluated.Action.Wanted);
    }

    [Fact]
    public void Keeps_what_was_announced_during_a_save_in_the_band()
    {
        _timeline.EvaluateTwice(Given.Committed(80, 30));

        var during = _timeline.Evaluate(15, Saving(96, 30), mode: 2);

        Assert.Equal(RiskLevel.AtRisk, during.Level);
        Assert.Null(during.Announcement);
    }

    [Theory]
    [InlineData(130)]
    [InlineData(95)]
    public void Counts_no_charge_of_a_single_reading(int percent)
    {
        _timeline.EvaluateTwice(Given.Committed(50, 30));

        var between = _timeline.Evaluate(15, Given.Committed(percent, 30), mode: 2);

        Assert.Null(between.Announcement);
        Assert.False(between.Action.Wanted);
        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(30, Given.Committed(50, 30), mode: 2).Level);
    }

    [Fact]
    public void Announces_a_refusal_by_the_commit_limit_at_the_second_reading()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Evaluate(0, Given.Committed(102, 30), mode: 2);

        var second = timeline.Evaluate(15, Given.Committed(102, 30), mode: 2);

        Assert.Equal(RiskAnnouncementType.ForkImpossible, second.Type);
    }

    [Fact]
    public void Repeats_no_refusal_that_only_a_save_prolongs()
    {
        _timeline.EvaluateTwice(Given.Committed(102, 30));
        _timeline.Evaluate(15, Saving(104, 30), mode: 2);

        var said = _timeline.Announcements(30, 1500, _ => Saving(104, 30), mode: 2);

        Assert.All(said, a => Assert.Equal(RiskAnnouncementType.ForkAtRisk, a.Emitted.Type));
    }

    [Fact]
    public void Takes_an_error_beyond_all_numbers_as_no_proof()
    {
        var reading = Given.Committed(95, 30) with
        {
            Confidence = Confidence.Estimate,
            Uncertainty = long.MaxValue,
            ForkChildren = long.MaxValue,
        };

        Assert.Equal(RiskLevel.Clear, _timeline.EvaluateTwice(reading).Level);
    }

    [Fact]
    public void A_reading_of_an_earlier_scan_neither_announces_nor_acts_and_asks_for_a_reading()
    {
        var evaluated = _timeline.Evaluate(0, Given.Exactly(95), fresh: false);

        Assert.Equal(RiskLevel.Pending, evaluated.Level);
        Assert.Null(evaluated.Announcement);
        Assert.True(evaluated.NeedsFreshReading);
        Assert.True(evaluated.Action.Wanted);
        Assert.Equal([BlockReason.NotRemeasured], evaluated.Action.BlockedBy);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(0, Given.Exactly(95)).Level);
    }

    [Fact]
    public void A_reading_is_asked_for_where_something_changes_and_not_in_between()
    {
        var timeline = new Timeline(Given.Rule with { Action = WatchAction.Event });
        var kept = Given.Exactly(82);

        Assert.True(timeline.Evaluate(0, kept, fresh: false).NeedsFreshReading);
        Assert.False(timeline.Throughout(15, 105, kept, fresh: false).NeedsFreshReading);
        Assert.True(timeline.Evaluate(120, kept, fresh: false).NeedsFreshReading);
        Assert.False(timeline.Evaluate(120, kept).NeedsFreshReading);
        Assert.False(timeline.Throughout(135, 705, kept, fresh: false).NeedsFreshReading);
        Assert.True(timeline.Evaluate(720, kept, fresh: false).NeedsFreshReading);
    }

    [Theory]
    [InlineData(82, 59)]
    [InlineData(82, 105)]
    [InlineData(105, 82)]
    public void A_kept_answer_does_not_move_what_was_announced(int before, int kept)
    {
        var level = _timeline.Evaluate(0, Given.Exactly(before)).Level;

        var evaluated = _timeline.Evaluate(15, Given.Exactly(kept), fresh: false);

        Assert.Equal(level, evaluated.Level);
        Assert.Null(evaluated.Announcement);
        Assert.True(evaluated.NeedsFreshReading);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-5L)]
    public void Without_a_limit_only_a_refusal_is_a_risk(long limit)
    {
        var can = Given.Exactly(95) with { Limit = limit };

        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(0, can).Level);
        Assert.Equal(RiskLevel.Impossible, _timeline.Evaluate(15, can with { Refuses = true }).Level);
        Assert.Equal(RiskLevel.Impossible, _timeline.Evaluate(30, can).Level);
    }

    [Fact]
    public void The_widest_numbers_do_not_overflow()
    {
        var reading = Given.Exactly(50) with { Used = long.MaxValue, Limit = long.MaxValue };

        Assert.Equal("100 % of the limit (warns at 70 %)", _timeline.Evaluate(0, reading).Sentence);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(15, reading with { Limit = 1 }).Level);
        Assert.Equal(
            RiskLevel.Clear,
            _timeline.Evaluate(30, reading with { Used = long.MinValue, Uncertainty = long.MaxValue }).Level
        );
    }

    private static ConstraintReport Saving(int percent, int childPercent) =>
        Given.Committed(percent, ownPercent: childPercent) with
        {
            Confidence = Confidence.Exact,
            Uncertainty = null,
            Used = percent * Given.Limit / 100,
            ForkChildren = childPercent * Given.Limit / 100,
        };
}
