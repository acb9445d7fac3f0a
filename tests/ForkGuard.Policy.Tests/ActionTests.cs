using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class ActionTests
{
    [Fact]
    public void An_action_has_its_own_hold_that_starts_at_its_own_level()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 600, Given.Exactly(89));

        Assert.False(timeline.Throughout(615, 720, Given.Exactly(90)).Action.Wanted);
        Assert.True(timeline.Judge(735, Given.Exactly(90)).Action.Allowed);
    }

    [Fact]
    public void A_dip_below_the_level_starts_the_hold_again()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));
        timeline.Judge(120, Given.Exactly(89));

        Assert.False(timeline.Throughout(135, 240, Given.Exactly(95)).Action.Wanted);
        Assert.True(timeline.Judge(255, Given.Exactly(95)).Action.Allowed);
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(46, false)]
    public void A_silence_of_more_than_three_scans_starts_the_hold_again(int silence, bool wanted)
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));

        Assert.Equal(wanted, timeline.Judge(105 + silence, Given.Exactly(95)).Action.Wanted);
    }

    [Fact]
    public void After_a_silence_even_a_complete_hold_starts_again()
    {
        var timeline = new Timeline(Given.Rule);
        Assert.True(timeline.Throughout(0, 120, Given.Exactly(95)).Action.Allowed);

        var judgement = timeline.Judge(900, Given.Exactly(95));

        Assert.Equal(RiskLevel.AtRisk, judgement.Level);
        Assert.False(judgement.Action.Wanted);
    }

    [Theory]
    [InlineData(WatchAction.Event, 95, false)]
    [InlineData(WatchAction.Restart, 89, false)]
    [InlineData(WatchAction.Restart, 90, true)]
    [InlineData(WatchAction.Restart, 101, true)]
    public void A_restart_is_wanted_where_the_watch_asks_for_it(WatchAction action, int percent, bool wanted)
    {
        var judgement = new Timeline(Given.AtOnce with { Action = action }).Judge(0, Given.Exactly(percent));

        Assert.Equal(wanted, judgement.Action.Allowed);
        Assert.Equal(wanted, judgement.Action.Wanted);
        Assert.Empty(judgement.Action.Vetoes);
    }

    [Fact]
    public void A_process_that_cannot_fork_is_restarted_whatever_its_percentage() =>
        Assert.True(
            new Timeline(Given.AtOnce with { ActAtPercent = 100 })
                .Judge(0, Given.Exactly(60) with { Verdict = Verdict.CannotFork })
                .Action.Allowed
        );

    [Theory]
    [InlineData(69, false)]
    [InlineData(70, true)]
    public void A_forecast_leads_to_action_only_above_the_warning(int percent, bool wanted)
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });

        Assert.Equal(wanted, timeline.Judge(0, Given.Growing(percent, 600)).Action.Wanted);
    }

    [Fact]
    public void Of_an_estimate_only_what_is_certain_leads_to_action()
    {
        Assert.False(new Timeline(Given.AtOnce).Judge(0, Given.Estimated(94, 5)).Action.Wanted);
        Assert.True(new Timeline(Given.AtOnce).Judge(0, Given.Estimated(95, 5)).Action.Allowed);
    }

    [Fact]
    public void An_unknown_reading_wants_nothing()
    {
        var timeline = new Timeline(Given.AtOnce);
        timeline.Judge(0, Given.Exactly(95));

        Assert.False(timeline.Judge(15, Given.Unreadable(200)).Action.Wanted);
    }

    [Fact]
    public void Where_accounting_never_refuses_nothing_is_wanted_and_the_veto_says_why()
    {
        var action = new Timeline(Given.AtOnce).Judge(0, Given.Exactly(105), mode: 1).Action;

        Assert.False(action.Wanted);
        Assert.Equal([ActionVeto.NotApplicable], action.Vetoes);
    }

    [Fact]
    public void A_paused_watch_and_a_dry_run_say_so()
    {
        var rule = Given.AtOnce with { Paused = true, DryRun = true, EvaluateAs = EvaluationMode.Strict };

        var action = new Timeline(rule).Judge(0, Given.Exactly(95), fresh: false, limitChanged: Given.At(-1)).Action;

        Assert.True(action.Wanted);
        Assert.False(action.Allowed);
        Assert.Equal(
            [
                ActionVeto.WhatIf,
                ActionVeto.Paused,
                ActionVeto.DryRun,
                ActionVeto.NotRemeasured,
                ActionVeto.LimitChanged,
            ],
            action.Vetoes
        );
    }

    [Theory]
    [InlineData(18, new ActionVeto[0])]
    [InlineData(17, new[] { ActionVeto.NotTheCause })]
    [InlineData(null, new[] { ActionVeto.NotTheCause })]
    [InlineData(-1, new[] { ActionVeto.NotTheCause })]
    [InlineData(96, new[] { ActionVeto.NotTheCause })]
    public void In_strict_mode_only_the_process_that_fills_the_node_is_restarted(int? own, ActionVeto[] vetoes) =>
        Assert.Equal(vetoes, new Timeline(Given.AtOnce).Judge(0, Given.Committed(95, own), mode: 2).Action.Vetoes);

    [Fact]
    public void A_largest_mapping_that_is_only_estimated_is_no_measure_to_act_on()
    {
        var reading = Given.Exactly(95) with { Confidence = Confidence.Estimate, ErrorBytes = 0 };

        Assert.Equal([ActionVeto.NotRemeasured], new Timeline(Given.AtOnce).Judge(0, reading).Action.Vetoes);
    }

    [Fact]
    public void In_strict_mode_what_is_only_a_bound_of_the_process_makes_it_no_cause()
    {
        var reading = Given.Committed(95, 20) with
        {
            Confidence = Confidence.Estimate,
            ErrorBytes = 5 * Given.Limit / 100,
        };

        Assert.Equal([ActionVeto.NotTheCause], new Timeline(Given.AtOnce).Judge(0, reading, mode: 2).Action.Vetoes);
    }

    [Fact]
    public void In_strict_mode_a_limit_that_is_gone_is_nobodys_fault()
    {
        var reading = Given.Committed(100, 100) with { LimitBytes = 0 };

        Assert.Equal([ActionVeto.NotTheCause], new Timeline(Given.AtOnce).Judge(0, reading, mode: 2).Action.Vetoes);
    }

    [Theory]
    [InlineData(-600, false)]
    [InlineData(-599, true)]
    [InlineData(60, true)]
    public void A_limit_that_has_just_moved_is_given_ten_minutes(int changedAt, bool vetoed)
    {
        var action = new Timeline(Given.AtOnce).Judge(0, Given.Exactly(95), limitChanged: Given.At(changedAt)).Action;

        Assert.Equal(vetoed ? [ActionVeto.LimitChanged] : [], action.Vetoes);
    }
}
