using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>Bounds of what counts as evidence.</summary>
public sealed class EvidenceBoundTests
{
    [Fact]
    public void An_error_that_hides_the_share_of_a_process_leaves_it_without_a_proven_cause()
    {
        var shared = Given.Committed(110, 55);

        Assert.Empty(Blocked(shared));
        Assert.Equal([BlockReason.NotTheCause], Blocked(shared with { Uncertainty = 150 }));
        Assert.Empty(Blocked(shared with { Own = shared.Used }));
    }

    [Fact]
    public void Tasks_that_are_not_visible_only_add_to_those_of_a_user()
    {
        var tasks = Given.Estimated(82, errorPercent: 15) with { Unit = ConstraintUnit.Tasks };

        Assert.Equal(RiskLevel.Clear, new Timeline(Given.AtOnce).Evaluate(0, tasks).Level);
        Assert.Equal(
            RiskLevel.AtRisk,
            new Timeline(Given.AtOnce).Evaluate(0, tasks with { Type = ConstraintType.UserProcesses }).Level
        );
    }

    [Fact]
    public void A_commit_charge_without_an_error_that_is_not_exact_was_not_remeasured() =>
        Assert.Equal([BlockReason.NotRemeasured], Blocked(Given.Committed(95, 50) with { Uncertainty = 0 }));

    [Fact]
    public void A_constraint_without_a_process_is_never_acted_on() =>
        Assert.Equal(
            [BlockReason.NotApplicable],
            RiskEvaluator
                .Evaluate(
                    Given.AtOnce,
                    past: null,
                    new RiskInput(null, Given.Exactly(95), 0, Fresh: true, Given.Scan, null),
                    Given.Start
                )
                .Action.BlockedBy
        );

    [Fact]
    public void An_upper_bound_that_the_kernel_refuses_is_read_again_and_clears_nothing()
    {
        var timeline = new Timeline(Given.AtOnce);
        timeline.Evaluate(0, Given.Exactly(95));

        Assert.True(timeline.Evaluate(15, Given.UpperBound(50) with { Refuses = true }).NeedsFreshReading);
        Assert.Equal(RiskLevel.AtRisk, timeline.Evaluate(30, Given.UpperBound(60)).Level);
        Assert.Equal(RiskLevel.Clear, timeline.Evaluate(45, Given.UpperBound(59)).Level);
    }

    [Fact]
    public void A_target_that_is_gone_or_that_the_mode_excludes_needs_no_reading()
    {
        var timeline = new Timeline(Given.Rule);
        timeline.Throughout(0, 150, Given.Exactly(95));

        Assert.False(timeline.EvaluateAbsent(165).NeedsFreshReading);
        Assert.False(timeline.EvaluateAbsent(330).NeedsFreshReading);
        Assert.False(new Timeline(Given.Rule).Evaluate(0, Given.Exactly(95), mode: 1).NeedsFreshReading);
    }

    [Fact]
    public void A_watch_without_an_action_has_no_reason_for_the_mode_that_excludes_it()
    {
        var events = new Timeline(Given.Rule with { Action = WatchAction.Event });

        Assert.Empty(events.Evaluate(0, Given.Exactly(95), mode: 1).Action.BlockedBy);
        Assert.Equal(
            [BlockReason.NotApplicable],
            new Timeline(Given.Rule).Evaluate(0, Given.Exactly(95), mode: 1).Action.BlockedBy
        );
    }

    [Theory]
    [InlineData(69, 600L)]
    [InlineData(70, null)]
    [InlineData(80, null)]
    public void A_warning_above_the_level_has_no_forecast(int percent, long? forecast)
    {
        var rule = Given.AtOnce with { Forecast = TimeSpan.FromMinutes(15) };

        var announcement = new Timeline(rule).Evaluate(0, Given.Growing(percent, 600)).Announcement!;

        Assert.Equal(forecast, announcement.ForecastSeconds);
    }

    [Theory]
    [InlineData(ConstraintType.LargestMapping, ConstraintScope.Process, true)]
    [InlineData(ConstraintType.CommitCharge, ConstraintScope.Node, true)]
    [InlineData(ConstraintType.UserProcesses, ConstraintScope.Process, true)]
    [InlineData(ConstraintType.Pids, ConstraintScope.Pod, false)]
    public void Memory_accounting_and_the_process_itself_are_read_for_each_process(
        ConstraintType type,
        ConstraintScope scope,
        bool isOfProcess
    ) => Assert.Equal(isOfProcess, Absence.IsOfProcess(Given.Exactly(50) with { Type = type, Scope = scope }));

    [Fact]
    public void Only_a_watch_that_names_copy_on_write_counts_it_for_every_program()
    {
        Assert.False(Given.Rule.NamesCopyOnWrite);
        Assert.False((Given.Rule with { Constraints = [ConstraintType.Pids] }).NamesCopyOnWrite);
        Assert.True((Given.Rule with { Constraints = [ConstraintType.CopyOnWrite] }).NamesCopyOnWrite);
    }

    private static IReadOnlyList<BlockReason> Blocked(ConstraintReport reading) =>
        new Timeline(Given.AtOnce).EvaluateTwice(reading).Action.BlockedBy;
}
