using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Tests.Restarts;

namespace ForkGuard.Policy.Tests.Risk;

public class ActionTests
{
    [Fact]
    public void An_action_has_its_own_hold_that_starts_at_its_own_level()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 600, Given.Exactly(89));

        Assert.False(timeline.Throughout(615, 720, Given.Exactly(90)).Action.Wanted);
        Assert.True(timeline.Evaluate(735, Given.Exactly(90)).Action.Allowed);
    }

    [Fact]
    public void A_dip_below_the_level_starts_the_hold_again()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));
        timeline.Evaluate(120, Given.Exactly(89));

        Assert.False(timeline.Throughout(135, 240, Given.Exactly(95)).Action.Wanted);
        Assert.True(timeline.Evaluate(255, Given.Exactly(95)).Action.Allowed);
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(46, false)]
    public void A_silence_of_more_than_three_scans_starts_the_hold_again(int silence, bool wanted)
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 105, Given.Exactly(95));

        Assert.Equal(wanted, timeline.Evaluate(105 + silence, Given.Exactly(95)).Action.Wanted);
    }

    [Fact]
    public void After_a_silence_even_a_complete_hold_starts_again()
    {
        var timeline = new Timeline(Given.Rule);
        Assert.True(timeline.Throughout(0, 120, Given.Exactly(95)).Action.Allowed);

        var evaluated = timeline.Evaluate(900, Given.Exactly(95));

        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
        Assert.False(evaluated.Action.Wanted);
    }

    [Theory]
    [InlineData(WatchAction.Event, 95, false)]
    [InlineData(WatchAction.Restart, 89, false)]
    [InlineData(WatchAction.Restart, 90, true)]
    [InlineData(WatchAction.Restart, 101, true)]
    public void A_restart_is_wanted_where_the_watch_asks_for_it(WatchAction action, int percent, bool wanted)
    {
        var evaluated = new Timeline(Given.AtOnce with { Action = action }).Evaluate(0, Given.Exactly(percent));

        Assert.Equal(wanted, evaluated.Action.Allowed);
        Assert.Equal(wanted, evaluated.Action.Wanted);
        Assert.Empty(evaluated.Action.BlockedBy);
    }

    [Fact]
    public void A_process_that_cannot_fork_is_restarted_whatever_its_percentage() =>
        Assert.True(
            new Timeline(Given.AtOnce with { ActAtPercent = 100 })
                .Evaluate(0, Given.Exactly(60) with { Refuses = true })
                .Action.Allowed
        );

    [Theory]
    [InlineData(69, false)]
    [InlineData(70, true)]
    public void A_forecast_leads_to_action_only_above_the_warning(int percent, bool wanted)
    {
        var timeline = new Timeline(Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) });

        Assert.Equal(wanted, timeline.Evaluate(0, Given.Growing(percent, 600)).Action.Wanted);
    }

    [Fact]
    public void Of_an_estimate_only_what_is_certain_leads_to_action()
    {
        Assert.False(new Timeline(Given.AtOnce).Evaluate(0, Given.Estimated(94, 5)).Action.Wanted);
        Assert.True(new Timeline(Given.AtOnce).Evaluate(0, Given.Estimated(95, 5)).Action.Wanted);
    }

    [Fact]
    public void An_unknown_reading_wants_nothing()
    {
        var timeline = new Timeline(Given.AtOnce);
        timeline.Evaluate(0, Given.Exactly(95));

        Assert.False(timeline.Evaluate(15, Given.Unreadable).Action.Wanted);
    }

    [Fact]
    public void Wants_nothing_where_the_kernel_applies_another_rule()
    {
        var action = new Timeline(Given.AtOnce).Evaluate(0, Given.Exactly(105), mode: 1).Action;

        Assert.False(action.Wanted);
        Assert.Equal([BlockReason.NotApplicable], action.BlockedBy);
    }

    [Fact]
    public void Acts_on_tasks_in_every_overcommit_mode() =>
        Assert.True(new Timeline(Given.AtOnce).Evaluate(0, Given.Pids(95), mode: 1).Action.Allowed);

    [Fact]
    public void Names_every_gate_that_blocks()
    {
        var rule = Given.AtOnce with { Paused = true, DryRun = true, EvaluateAs = EvaluationMode.Strict };

        var action = new Timeline(rule).Evaluate(0, Given.Steady(95), fresh: false, limitChanged: Given.At(-1)).Action;

        Assert.True(action.Wanted);
        Assert.False(action.Allowed);
        Assert.Equal(
            [
                BlockReason.WhatIf,
                BlockReason.Paused,
                BlockReason.DryRun,
                BlockReason.NotRemeasured,
                BlockReason.NotGrowing,
                BlockReason.LimitChanged,
            ],
            action.BlockedBy
        );
    }

    [Theory]
    [InlineData(36, new BlockReason[0])]
    [InlineData(35, new[] { BlockReason.NotTheCause })]
    [InlineData(null, new[] { BlockReason.NotTheCause })]
    [InlineData(-1, new[] { BlockReason.NotTheCause })]
    [InlineData(96, new[] { BlockReason.NotTheCause })]
    public void Restarts_only_the_process_that_fills_the_node(int? own, BlockReason[] reasons)
    {
        var reading = Given.Committed(95, own) with { Used = 950, Uncertainty = 1, Limit = 999 };

        Assert.Equal(reasons, new Timeline(Given.AtOnce).EvaluateTwice(reading).Action.BlockedBy);
    }

    [Theory]
    [InlineData("/system.slice/redis.service", "redis.service", false)]
    [InlineData("/system.slice/redis.service/worker", "redis.service", false)]
    [InlineData("/system.slice/system-redis.slice/redis@1.service", "redis@1.service", false)]
    [InlineData("/redis.service", "redis.service", false)]
    [InlineData("/system.slice", "redis.service", true)]
    [InlineData("/user.slice/user-1.slice/user@1.service/app.slice/redis.service", "redis.service", true)]
    [InlineData("/machine.slice/machine-a.scope/system.slice/redis.service", "redis.service", true)]
    [InlineData("/lxc.payload.a/system.slice/redis.service", "redis.service", true)]
    [InlineData("/system.slice/my-redis.service", "redis.service", true)]
    [InlineData(null, "redis.service", true)]
    [InlineData("/system.slice/redis.service", null, true)]
    public void A_limit_of_tasks_of_the_own_unit_is_shared_with_nobody_else(string? scope, string? unit, bool isShared)
    {
        var reading = Given.Pids(95) with { Scope = ConstraintScope.Cgroup, ScopeName = scope };
        var process = Given.Process with { Pod = null, SystemdUnit = unit };
        var action = new Timeline(Given.AtOnce).Evaluate(0, reading, process: process).Action;
        Assert.Equal(isShared, action.BlockedBy.Contains(BlockReason.NotTheCause));
        var inPod = process with { Pod = GivenRestart.PodOf("uid-1") };
        var ofPod = new Timeline(Given.AtOnce).Evaluate(0, reading, process: inPod).Action;
        Assert.Contains(BlockReason.NotTheCause, ofPod.BlockedBy);
    }

    [Fact]
    public void Restarts_no_process_for_a_limit_of_tasks_that_others_share() =>
        Assert.Equal(
            [BlockReason.NotTheCause],
            new Timeline(Given.AtOnce)
                .Evaluate(0, Given.Pids(95) with { Scope = ConstraintScope.Cgroup })
                .Action.BlockedBy
        );

    [Fact]
    public void Acts_on_no_largest_mapping_that_is_only_estimated()
    {
        var reading = Given.Exactly(95) with { Confidence = Confidence.Estimate };

        Assert.Equal([BlockReason.NotRemeasured], new Timeline(Given.AtOnce).Evaluate(0, reading).Action.BlockedBy);
    }

    [Fact]
    public void Acts_on_no_commit_charge_within_its_error()
    {
        var reading = Given.Committed(95, 60) with { Uncertainty = 60 };

        Assert.False(new Timeline(Given.AtOnce).EvaluateTwice(reading).Action.Wanted);
    }

    [Theory]
    [InlineData(ConstraintType.Threads)]
    [InlineData(ConstraintType.PidSpace)]
    [InlineData(ConstraintType.UserProcesses)]
    [InlineData(ConstraintType.ContainerMemory)]
    [InlineData(ConstraintType.CopyOnWrite)]
    public void Restarts_for_no_constraint_that_a_restart_does_not_cure(ConstraintType type) =>
        Assert.Contains(
            BlockReason.NotApplicable,
            new Timeline(Given.AtOnce).Evaluate(0, Given.Pids(95) with { Type = type }).Action.BlockedBy
        );

    [Fact]
    public void Wants_nothing_for_a_constraint_of_a_later_version()
    {
        var reading = Given.Exactly(110) with { Type = new OpenEnum<ConstraintType>("Later") };

        Assert.False(new Timeline(Given.AtOnce).Evaluate(0, reading).Action.Wanted);
    }

    /// <summary>A heap of fixed size is at its level for ever, and so is its replacement (U5).</summary>
    [Fact]
    public void Restarts_nothing_for_a_steady_level()
    {
        var timeline = new Timeline(Given.Rule);

        Assert.Equal([BlockReason.NotGrowing], timeline.Throughout(0, 7200, Given.Steady(95)).Action.BlockedBy);
        Assert.True(timeline.Evaluate(7215, Given.Exactly(95)).Action.Allowed);
    }

    [Fact]
    public void Restarts_for_no_refusal_of_a_process_that_may_have_started_at_its_limit()
    {
        var reading = Given.Pids(100) with { Growing = null, Settled = null };

        Assert.False(new Timeline(Given.Rule).Throughout(0, 120, reading).Action.Allowed);
    }

    [Fact]
    public void Restarts_for_a_refusal_that_lasted_although_growth_is_not_known()
    {
        var reading = Given.Pids(100) with
        {
            Growing = null,
            Settled = new SettledReport { Time = Given.Start, Used = 500 },
        };

        var timeline = new Timeline(Given.Rule);

        Assert.False(timeline.Throughout(0, 105, reading).Action.Allowed);
        Assert.True(timeline.Evaluate(120, reading).Action.Allowed);
    }

    [Theory]
    [InlineData(899, true)]
    [InlineData(900, false)]
    public void Restarts_for_no_refusal_that_was_there_when_the_process_settled(long settled, bool allowed)
    {
        var reading = Given.Pids(100) with
        {
            Growing = null,
            Settled = new SettledReport { Time = Given.Start, Used = settled },
        };

        Assert.Equal(allowed, new Timeline(Given.Rule).Throughout(0, 120, reading).Action.Allowed);
    }

    [Fact]
    public void Restarts_for_no_single_refusal_that_waits_to_be_emitted()
    {
        var settled = new SettledReport { Time = Given.Start, Used = 500 };
        var timeline = new Timeline(Given.Rule);
        for (var second = 0; second <= 600; second += 15)
        {
            // The first is emitted, and the second waits for ten minutes.
            var reading = Given.Pids(99, refused: Math.Min(second / 15, 2)) with
            {
                Growing = false,
                Settled = settled,
            };

            Assert.False(timeline.Evaluate(second, reading).Action.Allowed);
        }
    }

    [Fact]
    public void Restarts_for_forks_that_the_kernel_keeps_refusing()
    {
        var settled = new SettledReport { Time = Given.Start, Used = 500 };
        var timeline = new Timeline(Given.Rule);
        var evaluated = timeline.Evaluate(-15, Given.Pids(99, refused: 0) with { Growing = false, Settled = settled });
        for (var second = 0; second <= 120; second += 15)
        {
            Assert.False(evaluated.Action.Allowed);
            var reading = Given.Pids(99, refused: second + 1) with { Growing = false, Settled = settled };
            evaluated = timeline.Evaluate(second, reading);
        }

        Assert.True(evaluated.Action.Allowed);
        Assert.Equal(RiskLevel.AtRisk, evaluated.Level);
    }

    [Fact]
    public void Restarts_a_process_whose_pid_namespace_has_ended()
    {
        var reading = new ConstraintReport
        {
            Type = ConstraintType.PidNamespace,
            Scope = ConstraintScope.Process,
            Confidence = Confidence.Exact,
            Refuses = true,
        };

        Assert.True(new Timeline(Given.Rule).Throughout(0, 120, reading).Action.Allowed);
    }

    [Theory]
    [InlineData(-600, false)]
    [InlineData(-599, true)]
    [InlineData(60, true)]
    public void A_limit_that_has_just_moved_is_given_ten_minutes(int changedAt, bool blocked)
    {
        var action = new Timeline(Given.AtOnce)
            .Evaluate(0, Given.Exactly(95), limitChanged: Given.At(changedAt))
            .Action;

        Assert.Equal(blocked ? [BlockReason.LimitChanged] : [], action.BlockedBy);
    }

    [Fact]
    public void A_change_of_the_mode_delays_no_restart_for_tasks() =>
        Assert.True(
            new Timeline(Given.AtOnce).Evaluate(0, Given.Pids(95), mode: 1, limitChanged: Given.At(-1)).Action.Allowed
        );
}
