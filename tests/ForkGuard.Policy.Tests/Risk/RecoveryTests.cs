using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

public class RecoveryTests
{
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Theory]
    [InlineData(60)]
    [InlineData(69)]
    public void Between_clear_and_warning_nothing_changes(int percent)
    {
        Assert.Equal(RiskLevel.Clear, _timeline.Evaluate(0, Given.Exactly(percent)).Level);
        _timeline.Evaluate(15, Given.Exactly(70));

        Assert.Empty(_timeline.Announcements(30, 3000, _ => Given.Exactly(percent)));
        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(3015, Given.Exactly(percent)).Level);
    }

    [Fact]
    public void Reports_a_recovery_once()
    {
        _timeline.Evaluate(0, Given.Exactly(82));

        var (second, said) = Assert.Single(_timeline.Announcements(15, 3000, _ => Given.Exactly(59)));

        Assert.Equal(15, second);
        Assert.Equal(RiskAnnouncementType.ForkRecovered, said.Type);
        Assert.Equal(59, said.Percent);
    }

    [Fact]
    public void Growth_towards_the_limit_is_no_recovery()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        timeline.Evaluate(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, timeline.Evaluate(15, Given.Growing(50, 600)).Level);
        Assert.Equal(RiskLevel.Clear, timeline.Evaluate(30, Given.Exactly(50)).Level);
    }

    [Fact]
    public void An_unknown_reading_keeps_what_was_known()
    {
        Assert.Equal(RiskLevel.Unknown, _timeline.Evaluate(0, Given.Unreadable).Level);
        _timeline.Evaluate(15, Given.Exactly(82));

        var evaluated = _timeline.Evaluate(30, Given.Unreadable);

        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
        Assert.Null(evaluated.Announcement);
    }

    [Fact]
    public void A_process_at_risk_that_can_no_longer_fork_is_announced_at_once()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(95));

        var evaluated = timeline.Evaluate(135, Given.Exactly(105));

        Assert.Equal(RiskLevel.Impossible, evaluated.Level);
        Assert.Equal(RiskAnnouncementType.ForkImpossible, evaluated.Type);
    }

    [Theory]
    [InlineData(95)]
    [InlineData(65)]
    public void A_process_that_can_fork_again_but_is_not_clear_is_quietly_at_risk(int percent)
    {
        _timeline.Evaluate(0, Given.Exactly(105));

        var evaluated = _timeline.Evaluate(15, Given.Exactly(percent));

        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
        Assert.Null(evaluated.Announcement);
    }

    [Fact]
    public void A_risk_that_lasts_is_repeated_every_ten_minutes() =>
        Assert.Equal(
            [(0, 1), (600, 2), (1200, 3)],
            _timeline.Announcements(0, 1500, _ => Given.Exactly(82)).Select(a => (a.Second, a.Emitted.Count))
        );

    [Fact]
    public void Repeats_nothing_within_ten_minutes_while_usage_flaps_around_the_limit()
    {
        _timeline.Evaluate(-15, Given.Exactly(99));

        var said = _timeline.Announcements(0, 1500, second => Given.Exactly(second % 30 == 0 ? 105 : 99));

        Assert.Equal([0, 600, 1200], said.Select(a => a.Second));
        Assert.All(said, a => Assert.Equal(RiskAnnouncementType.ForkImpossible, a.Emitted.Type));
    }

    [Fact]
    public void After_a_refusal_the_weaker_warning_waits_its_ten_minutes()
    {
        _timeline.Evaluate(0, Given.Exactly(105));

        var (second, said) = Assert.Single(_timeline.Announcements(15, 900, _ => Given.Exactly(82)));

        Assert.Equal(600, second);
        Assert.Equal(RiskAnnouncementType.ForkAtRisk, said.Type);
    }

    [Fact]
    public void A_clock_set_back_does_not_silence_the_repetition()
    {
        _timeline.Evaluate(1_000_000, Given.Exactly(82));

        Assert.Equal([600], _timeline.Announcements(0, 900, _ => Given.Exactly(82)).Select(a => a.Second));
    }

    [Fact]
    public void A_clock_set_back_does_not_silence_the_next_near_limit()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(1_000_000, 1_000_120, Given.Steady(82));
        timeline.Throughout(0, 120, Given.Steady(10));

        var (second, emitted) = Assert.Single(timeline.Announcements(600, 900, _ => Given.Steady(82)));

        Assert.Equal(720, second);
        Assert.Equal(RiskAnnouncementType.ForkNearLimit, emitted.Type);
    }

    [Fact]
    public void Counting_starts_again_after_a_recovery()
    {
        _timeline.Throughout(0, 600, Given.Exactly(82));
        _timeline.Evaluate(615, Given.Exactly(10));

        var (second, emitted) = Assert.Single(_timeline.Announcements(630, 1500, _ => Given.Exactly(82)));

        Assert.Equal(1200, second);
        Assert.Equal(1, emitted.Count);
    }

    [Theory]
    [InlineData(82, RiskAnnouncementType.ForkAtRisk)]
    [InlineData(105, RiskAnnouncementType.ForkImpossible)]
    public void Usage_that_recovers_at_every_other_scan_is_two_events_in_ten_minutes(
        int percent,
        RiskAnnouncementType type
    )
    {
        var emitted = _timeline.Announcements(0, 1199, second => Given.Exactly(second % 30 == 0 ? percent : 10));

        Assert.Equal(
            [
                (0, type),
                (15, RiskAnnouncementType.ForkRecovered),
                (600, type),
                (615, RiskAnnouncementType.ForkRecovered),
            ],
            emitted.Select(a => (a.Second, a.Emitted.Type))
        );
    }

    [Fact]
    public void A_refusal_soon_after_a_recovered_warning_is_emitted_at_once()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _timeline.Evaluate(15, Given.Exactly(10));

        Assert.Equal(RiskAnnouncementType.ForkImpossible, _timeline.Evaluate(30, Given.Exactly(105)).Type);
    }

    [Fact]
    public void A_risk_without_an_event_ends_without_one()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _timeline.Evaluate(15, Given.Exactly(10));

        Assert.Equal(RiskLevel.AtRisk, _timeline.Evaluate(30, Given.Exactly(82)).Level);
        var ended = _timeline.EvaluateAbsent(45, RecoveryCause.Ended);

        Assert.Equal(RiskLevel.Clear, ended.Level);
        Assert.Null(ended.Announcement);
    }

    [Theory]
    [InlineData(RecoveryCause.Ended)]
    [InlineData(RecoveryCause.NoLongerReported)]
    [InlineData(RecoveryCause.NotApplicable)]
    public void Usage_that_comes_back_after_an_absence_waits_its_ten_minutes(RecoveryCause cause)
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        Assert.Equal(RiskAnnouncementType.ForkRecovered, _timeline.EvaluateAbsent(15, cause).Type);

        var (second, emitted) = Assert.Single(_timeline.Announcements(30, 900, _ => Given.Exactly(82)));

        Assert.Equal((600, RiskAnnouncementType.ForkAtRisk, 1), (second, emitted.Type, emitted.Count));
    }

    [Fact]
    public void A_constraint_that_applies_again_waits_its_ten_minutes()
    {
        _timeline.Evaluate(0, Given.Exactly(82));
        _timeline.Evaluate(15, Given.Exactly(82), mode: 1);

        var (second, _) = Assert.Single(_timeline.Announcements(30, 900, _ => Given.Exactly(82)));

        Assert.Equal(600, second);
    }

    [Theory]
    [InlineData(RecoveryCause.Ended, "the process has ended")]
    [InlineData(RecoveryCause.NoLongerReported, "the process has ended or is below 60 % of the limit")]
    public void Reports_a_target_that_is_gone_as_recovered(RecoveryCause cause, string sentence)
    {
        _timeline.Evaluate(0, Given.Exactly(82));

        var evaluated = _timeline.EvaluateAbsent(15, cause);

        Assert.Equal(RiskAnnouncementType.ForkRecovered, evaluated.Type);
        Assert.Equal(sentence, evaluated.Sentence);
        Assert.Equal(RiskLevel.Clear, evaluated.Level);
    }

    [Fact]
    public void Holds_a_recovery_like_a_warning()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, timeline.Throughout(135, 240, Given.Exactly(50)).Level);
        Assert.Equal(RiskAnnouncementType.ForkRecovered, timeline.Evaluate(255, Given.Exactly(50)).Type);
    }

    [Fact]
    public void Reports_no_recovery_if_another_process_takes_the_place_of_one_that_ended()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, timeline.EvaluateAbsent(135).Level);
        Assert.Null(timeline.Throughout(150, 300, Given.Exactly(90)).Announcement);
        Assert.Equal(RiskLevel.AtRisk, timeline.EvaluateAbsent(315).Level);
        Assert.Equal(RiskLevel.AtRisk, timeline.EvaluateAbsent(330).Level);
    }

    [Fact]
    public void Counts_no_silence_as_a_part_of_a_recovery()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(82));
        timeline.EvaluateAbsent(135);

        Assert.Equal(RiskLevel.AtRisk, timeline.EvaluateAbsent(1000).Level);
    }

    [Fact]
    public void Forgets_at_once_what_was_never_announced()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Evaluate(0, Given.Exactly(82));

        var evaluated = timeline.EvaluateAbsent(15);

        Assert.Null(evaluated.Announcement);
        Assert.Equal(RiskLevel.Clear, evaluated.Level);
    }

    [Fact]
    public void Recovers_when_the_kernel_no_longer_applies_the_constraint()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(82));

        var evaluated = timeline.Evaluate(135, Given.Exactly(82), mode: 1);

        Assert.Equal(RiskLevel.NotApplicable, evaluated.Level);
        Assert.Equal(
            "the overcommit mode changed, and the kernel no longer applies this constraint",
            evaluated.Sentence
        );
        Assert.Null(timeline.Evaluate(150, Given.Exactly(82), mode: 1).Announcement);
    }

    [Fact]
    public void Recovers_at_once_when_an_absent_constraint_no_longer_applies()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(82));

        Assert.Equal(
            RiskAnnouncementType.ForkRecovered,
            timeline.EvaluateAbsent(135, RecoveryCause.NotApplicable).Type
        );
    }

    [Fact]
    public void Evaluates_no_zombie() =>
        Assert.Equal(
            RiskLevel.NotApplicable,
            _timeline
                .Evaluate(0, Given.Exactly(95), process: Given.Process with { Verdict = Verdict.NotApplicable })
                .Level
        );

    [Fact]
    public void Under_mode_one_no_hold_runs()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));

        Assert.Equal(RiskLevel.NotApplicable, timeline.Evaluate(120, Given.Exactly(95), mode: 1).Level);
        Assert.Equal(RiskLevel.Pending, timeline.Evaluate(135, Given.Exactly(95)).Level);
    }
}
