using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class RecoveryTests
{
    private readonly Timeline _timeline = new(Given.AtOnce);

    [Theory]
    [InlineData(60)]
    [InlineData(69)]
    public void Between_clear_and_warning_nothing_changes(int percent)
    {
        Assert.Equal(RiskLevel.Clear, _timeline.Judge(0, Given.Exactly(percent)).Level);
        _timeline.Judge(15, Given.Exactly(70));

        Assert.Empty(_timeline.Announcements(30, 3000, _ => Given.Exactly(percent)));
        Assert.Equal(RiskLevel.AtRisk, _timeline.Judge(3015, Given.Exactly(percent)).Level);
    }

    [Fact]
    public void Recovery_is_said_once()
    {
        _timeline.Judge(0, Given.Exactly(82));

        var (second, said) = Assert.Single(_timeline.Announcements(15, 3000, _ => Given.Exactly(59)));

        Assert.Equal(15, second);
        Assert.Equal(
            new RiskAnnouncement(RiskAnnouncementType.ForkRecovered, "59 % of the limit (clears below 60 %)", Count: 1),
            said
        );
    }

    [Fact]
    public void Growth_towards_the_limit_is_no_recovery()
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });
        timeline.Judge(0, Given.Exactly(82));

        Assert.Equal(RiskLevel.AtRisk, timeline.Judge(15, Given.Growing(50, 600)).Level);
        Assert.Equal(RiskLevel.Clear, timeline.Judge(30, Given.Exactly(50)).Level);
    }

    [Fact]
    public void An_unknown_reading_keeps_what_was_known()
    {
        Assert.Equal(RiskLevel.Unknown, _timeline.Judge(0, Given.Unreadable(130)).Level);
        _timeline.Judge(15, Given.Exactly(82));

        var judgement = _timeline.Judge(30, Given.Unreadable(50));

        Assert.Equal(RiskLevel.AtRisk, judgement.Level);
        Assert.Null(judgement.Announcement);
    }

    [Fact]
    public void A_process_at_risk_that_can_no_longer_fork_is_announced_at_once()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 120, Given.Exactly(95));

        var judgement = timeline.Judge(135, Given.Exactly(105));

        Assert.Equal(RiskLevel.Impossible, judgement.Level);
        Assert.Equal(RiskAnnouncementType.ForkImpossible, judgement.Announcement?.Type);
    }

    [Theory]
    [InlineData(95)]
    [InlineData(65)]
    public void A_process_that_can_fork_again_but_is_not_clear_is_quietly_at_risk(int percent)
    {
        _timeline.Judge(0, Given.Exactly(105));

        var judgement = _timeline.Judge(15, Given.Exactly(percent));

        Assert.Equal(RiskLevel.AtRisk, judgement.Level);
        Assert.Null(judgement.Announcement);
    }

    [Fact]
    public void A_risk_that_lasts_is_repeated_every_ten_minutes() =>
        Assert.Equal(
            [(0, 1), (600, 2), (1200, 3)],
            _timeline.Announcements(0, 1500, _ => Given.Exactly(82)).Select(a => (a.Second, a.Said.Count))
        );

    [Fact]
    public void Flapping_around_the_limit_says_each_thing_at_most_every_ten_minutes()
    {
        _timeline.Judge(-15, Given.Exactly(99));

        var said = _timeline.Announcements(0, 1500, second => Given.Exactly(second % 30 == 0 ? 105 : 99));

        Assert.Equal([0, 600, 1200], said.Select(a => a.Second));
        Assert.All(said, a => Assert.Equal(RiskAnnouncementType.ForkImpossible, a.Said.Type));
    }

    [Fact]
    public void After_a_refusal_the_weaker_warning_waits_its_ten_minutes()
    {
        _timeline.Judge(0, Given.Exactly(105));

        var (second, said) = Assert.Single(_timeline.Announcements(15, 900, _ => Given.Exactly(82)));

        Assert.Equal(600, second);
        Assert.Equal(RiskAnnouncementType.ForkAtRisk, said.Type);
    }

    [Fact]
    public void A_clock_set_back_does_not_silence_the_repetition()
    {
        _timeline.Judge(1_000_000, Given.Exactly(82));

        Assert.Equal([600], _timeline.Announcements(0, 900, _ => Given.Exactly(82)).Select(a => a.Second));
    }

    [Fact]
    public void Counting_starts_again_after_a_recovery()
    {
        _timeline.Throughout(0, 600, Given.Exactly(82));
        _timeline.Judge(615, Given.Exactly(10));

        Assert.Equal(1, _timeline.Judge(630, Given.Exactly(82)).Announcement?.Count);
    }

    [Fact]
    public void A_process_that_ends_at_risk_has_recovered()
    {
        var memory = _timeline.Judge(0, Given.Exactly(82)).Next;

        Assert.Equal(
            new RiskAnnouncement(RiskAnnouncementType.ForkRecovered, "the process has ended", Count: 1),
            RiskJudge.Gone(Given.AtOnce, memory, Given.At(15))
        );
    }

    [Fact]
    public void A_process_that_ends_without_having_been_announced_is_not_mentioned()
    {
        var memory = new Timeline(Given.Rule).Judge(0, Given.Exactly(82)).Next;

        Assert.Null(RiskJudge.Gone(Given.Rule, memory, Given.At(15)));
    }

    [Theory]
    [InlineData(82)]
    [InlineData(105)]
    public void A_process_at_risk_that_a_complete_report_no_longer_names_has_recovered(int percent)
    {
        var memory = _timeline.Judge(0, Given.Exactly(percent)).Next;

        Assert.Equal(
            new RiskAnnouncement(
                RiskAnnouncementType.ForkRecovered,
                "ended, or well below the limit (clears below 60 %)",
                Count: 1
            ),
            RiskJudge.NoLongerReported(Given.AtOnce, memory, 0, Given.At(15))
        );
    }

    [Fact]
    public void A_process_at_risk_has_recovered_when_a_report_names_none_in_mode_one()
    {
        var memory = _timeline.Judge(0, Given.Exactly(105)).Next;

        Assert.Equal(
            "the overcommit mode is now 1, which never refuses a fork",
            RiskJudge.NoLongerReported(Given.AtOnce, memory, 1, Given.At(15))?.Reason
        );
    }

    [Fact]
    public void What_was_never_announced_is_not_missed_in_a_report()
    {
        var memory = new Timeline(Given.Rule).Judge(0, Given.Exactly(82)).Next;

        Assert.Null(RiskJudge.NoLongerReported(Given.Rule, memory, 0, Given.At(15)));
    }

    [Fact]
    public void When_the_mode_becomes_one_the_risk_is_over()
    {
        _timeline.Judge(0, Given.Exactly(82));

        var judgement = _timeline.Judge(15, Given.NeverRefused, mode: 1);

        Assert.Equal(RiskLevel.NotApplicable, judgement.Level);
        Assert.Equal("the overcommit mode is now 1, which never refuses a fork", judgement.Announcement?.Reason);
        Assert.Null(_timeline.Judge(30, Given.NeverRefused, mode: 1).Announcement);
    }

    [Fact]
    public void What_a_what_if_never_refuses_has_nothing_to_do_with_the_mode_of_the_kernel()
    {
        var timeline = new Timeline(Given.AtOnce with { EvaluateAs = EvaluationMode.Strict });
        timeline.Judge(0, Given.Exactly(82), mode: 1);

        var judgement = timeline.Judge(15, Given.NeverRefused, mode: 1);

        Assert.Equal("what if strict: accounting no longer applies to this process", judgement.Announcement?.Reason);
    }

    [Fact]
    public void Under_mode_one_no_hold_runs()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));

        Assert.Equal(RiskLevel.NotApplicable, timeline.Judge(120, Given.Exactly(95), mode: 1).Level);
        Assert.Equal(RiskLevel.Pending, timeline.Judge(135, Given.Exactly(95)).Level);
    }
}
