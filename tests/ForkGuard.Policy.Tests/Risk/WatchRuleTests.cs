using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

public class WatchRuleTests
{
    [Fact]
    public void Gives_an_empty_spec_the_documented_defaults()
    {
        var rule = WatchRule.From("redis", new ForkWatchSpec());

        Assert.Equal(
            new WatchRule
            {
                Name = "redis",
                WarnAtPercent = 70,
                ActAtPercent = 90,
                ClearBelowPercent = 60,
                Hold = TimeSpan.FromMinutes(2),
                Forecast = null,
                EvaluateAs = EvaluationMode.Actual,
                Action = WatchAction.Event,
                Paused = false,
                DryRun = false,
            },
            rule
        );
    }

    [Fact]
    public void Everything_that_is_given_counts()
    {
        var rule = WatchRule.From(
            "everything",
            new ClusterForkWatchSpec
            {
                WarnAtPercent = 50,
                ActAtPercent = 80,
                ClearBelowPercent = 20,
                HoldSeconds = 30,
                ForecastSeconds = 900,
                EvaluateAs = EvaluationMode.Strict,
                Action = WatchAction.Restart,
                Paused = true,
                Restart = new RestartSpec { DryRun = true },
            }
        );

        Assert.Equal(
            new WatchRule
            {
                Name = "everything",
                WarnAtPercent = 50,
                ActAtPercent = 80,
                ClearBelowPercent = 20,
                Hold = TimeSpan.FromSeconds(30),
                Forecast = TimeSpan.FromMinutes(15),
                EvaluateAs = EvaluationMode.Strict,
                Action = WatchAction.Restart,
                Paused = true,
                DryRun = true,
            },
            rule
        );
    }

    [Theory]
    [InlineData(80, 70)]
    [InlineData(11, 1)]
    [InlineData(10, 1)]
    [InlineData(1, 1)]
    public void Clearing_follows_the_warning_and_stays_where_a_process_can_get_below(int warn, int clear) =>
        Assert.Equal(clear, WatchRule.From("w", new ForkWatchSpec { WarnAtPercent = warn }).ClearBelowPercent);

    [Fact]
    public void The_action_never_comes_before_its_warning() =>
        Assert.Equal(95, WatchRule.From("w", new ForkWatchSpec { WarnAtPercent = 95 }).ActAtPercent);

    [Theory]
    [InlineData(null, ConstraintType.Pids, true)]
    [InlineData(new[] { ConstraintType.Pids }, ConstraintType.Pids, true)]
    [InlineData(new[] { ConstraintType.Pids }, ConstraintType.LargestMapping, false)]
    public void Evaluates_the_constraints_that_the_watch_names(
        ConstraintType[]? named,
        ConstraintType type,
        bool evaluates
    )
    {
        var rule = WatchRule.From("w", new ForkWatchSpec { Constraints = named });

        Assert.Equal(evaluates, rule.Evaluates(type));
        Assert.Equal(evaluates, rule.Evaluates(Given.Process, new ConstraintReport { Type = type }));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public void Evaluates_saves_of_a_program_that_was_not_seen_to_save_only_by_name(
        bool named,
        bool saved,
        bool evaluates
    )
    {
        var rule = Given.Rule with { Constraints = named ? [ConstraintType.CopyOnWrite] : null };
        var process = Given.Process with { Snapshot = new SnapshotReport { LearnedPeakBytes = saved ? 1 : null } };

        Assert.Equal(evaluates, rule.Evaluates(process, Given.Save(80)));
    }

    [Fact]
    public void Evaluates_a_constraint_of_a_later_version_where_the_watch_names_none()
    {
        var later = new ConstraintReport { Type = new OpenEnum<ConstraintType>("Later") };

        Assert.True(Given.Rule.Evaluates(Given.Process, later));
        Assert.False((Given.Rule with { Constraints = [ConstraintType.Pids] }).Evaluates(Given.Process, later));
    }
}
