using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

public class AnnouncementTests
{
    private readonly Timeline _timeline = new(Given.Rule);

    [Theory]
    [InlineData(false, null, "82 % of the limit, at or above 70 % for 2 min, steady")]
    [InlineData(null, null, "82 % of the limit, at or above 70 % for 2 min, not known to grow")]
    [InlineData(null, 1L, "82 % of the limit, at or above 70 % for 2 min, growing for too short a time to warn")]
    public void Announces_a_level_without_growth_once_and_without_a_warning(
        bool? growing,
        long? growthPerMinute,
        string sentence
    )
    {
        var reading = Given.Exactly(82) with { Growing = growing, GrowthPerMinute = growthPerMinute };
        var evaluated = _timeline.Throughout(0, 120, reading);

        Assert.Equal(RiskAnnouncementType.ForkNearLimit, evaluated.Type);
        Assert.False(evaluated.Announcement!.IsWarning);
        Assert.Equal(sentence, evaluated.Sentence);
        Assert.Equal(RiskLevel.NearLimit, evaluated.Level);
        Assert.Empty(_timeline.Announcements(135, 7200, _ => reading));
    }

    [Fact]
    public void Warns_when_a_steady_level_starts_to_grow()
    {
        _timeline.Throughout(0, 600, Given.Steady(82));

        var evaluated = _timeline.Evaluate(615, Given.Exactly(84));

        Assert.Equal(RiskAnnouncementType.ForkAtRisk, evaluated.Type);
        Assert.True(evaluated.Announcement!.IsWarning);
        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
    }

    [Theory]
    [InlineData(false, RiskLevel.NearLimit)]
    [InlineData(null, RiskLevel.AtRisk)]
    public void Lowers_a_risk_silently_once_growth_has_ended(bool? growing, RiskLevel level)
    {
        _timeline.Throughout(0, 120, Given.Exactly(82));

        var evaluated = _timeline.Evaluate(135, Given.Exactly(82) with { Growing = growing });

        Assert.Equal(level, evaluated.Level);
        Assert.Null(evaluated.Announcement);
    }

    /// <summary>The rise of a start has no urgency (U4).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void Forecasts_nothing_from_a_rise_that_did_not_outlast_the_start(bool? growing)
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });

        Assert.Equal(RiskLevel.Clear, timeline.Evaluate(0, Given.Growing(45, 89) with { Growing = growing }).Level);
    }

    [Fact]
    public void Repeats_a_refusal_every_ten_minutes() =>
        Assert.Equal(
            [(0, 1), (600, 2), (1200, 3)],
            _timeline
                .Announcements(0, 1500, _ => Given.Pids(100))
                .Where(a => a.Emitted.Type == RiskAnnouncementType.ForkImpossible)
                .Select(a => (a.Second, a.Emitted.Count))
        );

    [Fact]
    public void Evaluates_a_refusal_that_may_be_an_error_as_a_level_only() =>
        Assert.Equal(RiskLevel.Pending, _timeline.Evaluate(0, Given.Estimated(104, 5)).Level);

    [Fact]
    public void Reports_forks_that_the_kernel_refused_between_two_scans()
    {
        _timeline.Evaluate(0, Given.Pids(40, refused: 7));
        _timeline.Evaluate(15, Given.Pids(40, refused: 7));

        var evaluated = _timeline.Evaluate(30, Given.Pids(40, refused: 11));

        Assert.Equal(RiskAnnouncementType.ForkRefused, evaluated.Type);
        Assert.True(evaluated.Announcement!.IsWarning);
        Assert.Equal("the kernel refused 4 forks since 12:00:15 UTC", evaluated.Sentence);
        Assert.Equal(RiskLevel.Clear, evaluated.Level);
    }

    [Fact]
    public void Reports_no_refusals_that_were_counted_before_the_first_evaluation() =>
        Assert.Null(_timeline.Evaluate(0, Given.Pids(40, refused: 7)).Announcement);

    [Fact]
    public void Adds_refusals_up_for_ten_minutes()
    {
        var said = _timeline.Announcements(0, 1200, second => Given.Pids(40, refused: second / 15));

        Assert.Equal([(15, 1L), (615, 40L)], said.Select(a => (a.Second, a.Emitted.RefusedCount)));
    }

    [Fact]
    public void Starts_the_count_of_refusals_again_for_a_new_cgroup()
    {
        _timeline.Evaluate(0, Given.Pids(40, refused: 7));

        Assert.Null(_timeline.Evaluate(15, Given.Pids(40, refused: 0)).Announcement);
        Assert.Equal(1, _timeline.Evaluate(30, Given.Pids(40, refused: 1)).Announcement?.RefusedCount);
    }

    [Fact]
    public void Takes_no_count_of_another_cgroup_for_new_refusals()
    {
        var container = Given.Pids(40, refused: 7) with { ScopeName = "/pod/container" };
        var pod = Given.Pids(41, refused: 90) with { ScopeName = "/pod" };
        _timeline.Evaluate(0, container);

        Assert.Null(_timeline.Evaluate(15, pod).Announcement);
        Assert.Null(_timeline.Evaluate(30, container).Announcement);
        Assert.Equal(2, _timeline.Evaluate(45, container with { Refused = 9 }).Announcement?.RefusedCount);
    }

    [Fact]
    public void Keeps_the_count_of_refusals_over_a_recovery()
    {
        var timeline = new Timeline(Given.AtOnce);
        timeline.Evaluate(0, Given.Pids(82, refused: 0));
        timeline.Evaluate(15, Given.Pids(40, refused: 0));

        Assert.Equal(RiskAnnouncementType.ForkRefused, timeline.Evaluate(30, Given.Pids(40, refused: 2)).Type);
    }

    [Fact]
    public void Warns_of_a_save_after_the_hold_whether_or_not_usage_grows()
    {
        var evaluated = _timeline.Throughout(0, 120, Given.Save(82));

        Assert.Equal(RiskAnnouncementType.ForkSnapshotAtRisk, evaluated.Type);
        Assert.Equal(
            "a save may not survive, an earlier one took 82 % of the memory that is free for it",
            evaluated.Sentence
        );
        Assert.False(evaluated.Action.Allowed);
    }

    [Fact]
    public void Warns_at_once_of_a_save_that_there_is_no_room_for() =>
        Assert.Equal(RiskAnnouncementType.ForkSnapshotAtRisk, _timeline.Evaluate(0, Given.Save(101)).Type);

    [Theory]
    [InlineData(10, 60, RiskAnnouncementType.ForkSnapshotAtRisk)]
    [InlineData(10, 61, null)]
    [InlineData(95, 60, RiskAnnouncementType.ForkSnapshotAtRisk)]
    public void Warns_at_once_of_a_running_save_that_runs_out_of_room(
        int percent,
        int secondsLeft,
        RiskAnnouncementType? type
    )
    {
        var evaluated = _timeline.Evaluate(0, Given.RunningSave(percent, secondsLeft));

        Assert.Equal(type, evaluated.Type);
        if (type is not null)
        {
            Assert.Equal("the running save reaches the memory limit in 60 s", evaluated.Sentence);
        }
    }

    [Fact]
    public void Warns_of_a_constraint_of_a_later_version_by_its_percentage_only()
    {
        var later = Given.Exactly(110) with { Type = new OpenEnum<ConstraintType>("Later") };

        Assert.Equal(RiskLevel.Pending, _timeline.Evaluate(0, later).Level);
        Assert.Equal(RiskAnnouncementType.ForkAtRisk, _timeline.Throughout(15, 120, later).Type);
    }
}
