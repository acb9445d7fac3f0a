using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

/// <summary>How far estimates and kept answers are believed.</summary>
public class TrustTests
{
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Theory]
    [InlineData(69, false)]
    [InlineData(70, true)]
    [InlineData(300, true)]
    public void An_upper_bound_raises_nothing_and_asks_for_a_reading(int percent, bool needsFresh)
    {
        var judgement = _timeline.Judge(0, Given.UpperBound(percent));

        Assert.Equal(RiskLevel.Clear, judgement.Level);
        Assert.Equal(needsFresh, judgement.NeedsFreshReading);
        Assert.Null(judgement.Announcement);
        Assert.False(judgement.Action.Wanted);
    }

    [Fact]
    public void An_upper_bound_below_clear_is_a_recovery()
    {
        _timeline.Judge(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.Clear, _timeline.Judge(15, Given.UpperBound(59)).Level);
    }

    [Fact]
    public void An_upper_bound_that_grows_towards_the_limit_asks_for_a_reading()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        var bound = Given.Growing(50, 600) with { Confidence = Confidence.Estimate };

        var judgement = timeline.Judge(0, bound);

        Assert.Equal(RiskLevel.Clear, judgement.Level);
        Assert.True(judgement.NeedsFreshReading);
    }

    [Theory]
    [InlineData(75, 6, RiskLevel.Clear, null)]
    [InlineData(75, 5, RiskLevel.AtRisk, "at least 70 % of the limit (warns at 70 %)")]
    [InlineData(104, 5, RiskLevel.AtRisk, "at least 99 % of the limit (warns at 70 %)")]
    [InlineData(106, 5, RiskLevel.Impossible, "a fork is refused, 60 B over the limit")]
    public void Of_an_estimate_only_what_is_certain_warns(int percent, int error, RiskLevel level, string? reason)
    {
        var judgement = _timeline.Judge(0, Given.Estimated(percent, error));

        Assert.Equal(level, judgement.Level);
        Assert.Equal(reason, judgement.Announcement?.Reason);
    }

    [Fact]
    public void The_forecast_of_an_estimate_starts_from_what_is_certain()
    {
        var rule = Given.AtOnce with { Forecast = TimeSpan.FromMinutes(2) };
        var reading = Given.Growing(60, 120) with { Confidence = Confidence.Estimate };

        Assert.Equal(RiskLevel.Clear, new Timeline(rule).Judge(0, reading with { ErrorBytes = 100 }).Level);
        Assert.Equal(RiskLevel.AtRisk, new Timeline(rule).Judge(0, reading with { ErrorBytes = 0 }).Level);
    }

    [Theory]
    [InlineData(108, 30, RiskLevel.AtRisk, "at least 78 % of the limit (warns at 70 %)")]
    [InlineData(108, 39, RiskLevel.Clear, null)]
    [InlineData(135, 31, RiskLevel.Impossible, "a fork is refused, 40 B over the limit")]
    [InlineData(131, 31, RiskLevel.Impossible, "a fork is refused, 0 B over the limit")]
    public void What_goes_with_a_fork_child_is_no_risk(int percent, int child, RiskLevel level, string? reason)
    {
        var saving = Saving(percent, child);

        var judgement = _timeline.Judge(0, saving, mode: 2);

        Assert.Equal(level, judgement.Level);
        Assert.Equal(reason, judgement.Announcement?.Reason);
        Assert.Equal(level == RiskLevel.Impossible, judgement.Action.Wanted);
    }

    [Fact]
    public void A_save_in_the_band_changes_nothing_that_was_said()
    {
        _timeline.Judge(0, Given.Committed(80, 30), mode: 2);

        var during = _timeline.Judge(15, Saving(96, 30), mode: 2);

        Assert.Equal(RiskLevel.AtRisk, during.Level);
        Assert.Null(during.Announcement);
    }

    [Fact]
    public void A_refusal_that_only_a_save_prolongs_is_not_told_again()
    {
        _timeline.Judge(0, Given.Committed(102, 30), mode: 2);
        _timeline.Judge(15, Saving(104, 30), mode: 2);

        var said = _timeline.Announcements(30, 1500, _ => Saving(104, 30), mode: 2);

        Assert.All(said, a => Assert.Equal(RiskAnnouncementType.ForkAtRisk, a.Said.Type));
    }

    [Fact]
    public void An_error_beyond_all_numbers_proves_nothing()
    {
        var reading = Given.Committed(95, 30) with
        {
            Confidence = Confidence.Estimate,
            ErrorBytes = long.MaxValue,
            ForkChildBytes = long.MaxValue,
        };

        Assert.Equal(RiskLevel.Clear, _timeline.Judge(0, reading, mode: 2).Level);
    }

    [Fact]
    public void A_kept_answer_neither_announces_nor_acts_and_asks_for_a_reading()
    {
        var judgement = _timeline.Judge(0, Given.Exactly(95), fresh: false);

        Assert.Equal(RiskLevel.Pending, judgement.Level);
        Assert.Null(judgement.Announcement);
        Assert.True(judgement.NeedsFreshReading);
        Assert.True(judgement.Action.Wanted);
        Assert.Equal([ActionVeto.NotRemeasured], judgement.Action.Vetoes);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Judge(0, Given.Exactly(95)).Level);
    }

    [Fact]
    public void A_reading_is_asked_for_where_something_changes_and_not_in_between()
    {
        var timeline = new Timeline(Given.Rule with { Action = WatchAction.Event });
        var kept = Given.Exactly(82);

        Assert.True(timeline.Judge(0, kept, fresh: false).NeedsFreshReading);
        Assert.False(timeline.Throughout(15, 105, kept, fresh: false).NeedsFreshReading);
        Assert.True(timeline.Judge(120, kept, fresh: false).NeedsFreshReading);
        Assert.False(timeline.Judge(120, kept).NeedsFreshReading);
        Assert.False(timeline.Throughout(135, 705, kept, fresh: false).NeedsFreshReading);
        Assert.True(timeline.Judge(720, kept, fresh: false).NeedsFreshReading);
    }

    [Theory]
    [InlineData(82, 59)]
    [InlineData(82, 105)]
    [InlineData(105, 82)]
    public void A_kept_answer_does_not_move_what_was_announced(int before, int kept)
    {
        var level = _timeline.Judge(0, Given.Exactly(before)).Level;

        var judgement = _timeline.Judge(15, Given.Exactly(kept), fresh: false);

        Assert.Equal(level, judgement.Level);
        Assert.Null(judgement.Announcement);
        Assert.True(judgement.NeedsFreshReading);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(-5L)]
    public void Without_a_limit_only_a_refusal_is_a_risk(long? limit)
    {
        var can = Given.Exactly(95) with { LimitBytes = limit };

        Assert.Equal(RiskLevel.Clear, _timeline.Judge(0, can).Level);
        Assert.Equal(RiskLevel.Impossible, _timeline.Judge(15, can with { Verdict = Verdict.CannotFork }).Level);
        Assert.Equal(RiskLevel.Impossible, _timeline.Judge(30, can).Level);
    }

    [Fact]
    public void The_widest_numbers_do_not_overflow()
    {
        var reading = Given.Exactly(50) with { UsedBytes = long.MaxValue, LimitBytes = long.MaxValue };

        Assert.Equal("100 % of the limit (warns at 70 %)", _timeline.Judge(0, reading).Announcement?.Reason);
        Assert.Equal(RiskLevel.AtRisk, _timeline.Judge(15, reading with { LimitBytes = 1 }).Level);
        Assert.Equal(
            RiskLevel.Clear,
            _timeline.Judge(30, reading with { UsedBytes = long.MinValue, ErrorBytes = long.MaxValue }).Level
        );
    }

    private static ProcessReport Saving(int percent, int childPercent) =>
        Given.Committed(percent, ownPercent: childPercent) with
        {
            ForkChildBytes = childPercent * Given.Limit / 100,
        };
}
