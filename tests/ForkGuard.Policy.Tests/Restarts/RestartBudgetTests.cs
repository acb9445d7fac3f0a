using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Bounds of budgets, and the order of their reasons.</summary>
public sealed class RestartBudgetTests
{
    [Theory]
    [InlineData("watch-1", "node-a", "zone-a", "shop", "of this watch")]
    [InlineData("watch-9", "node-a", "zone-a", "shop", "on node node-a")]
    [InlineData("watch-9", "node-z", "zone-a", "shop", "in zone zone-a")]
    [InlineData("watch-9", "node-z", "zone-z", "shop", "in namespace shop")]
    [InlineData("watch-9", "node-z", "zone-z", "other", "in the cluster")]
    public void Of_several_spent_budgets_the_narrowest_is_the_reason(
        string watch,
        string node,
        string zone,
        string space,
        string where
    )
    {
        var open = Enumerable.Repeat(GivenRestart.Open(watch, node, zone, space), 5);

        var block = Assert.Single(Blocks(GivenRestart.Facts with { Open = [.. open] }));

        Assert.Equal(BlockReason.Budget, block.Reason);
        Assert.Contains(where, block.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_without_a_zone_share_no_budget_of_a_zone()
    {
        var open = Enumerable.Range(0, 3).Select(i => GivenRestart.Open(node: $"n{i}", zone: null, space: $"s{i}"));

        Assert.Empty(
            Blocks(
                GivenRestart.Facts with
                {
                    Open = [.. open],
                    Node = new NodeFacts(IsReady: true, IsDraining: false, Zone: null),
                }
            )
        );
    }

    [Fact]
    public void A_restart_that_was_called_keeps_the_budget_that_others_spend_after_it()
    {
        var open = Enumerable.Range(0, 9).Select(i => GivenRestart.Open(version: $"{i}"));

        Assert.Empty(Blocks(GivenRestart.Facts with { Open = [.. open] }, GivenRestart.Called()));
    }

    [Theory]
    [InlineData("12", "9", false)]
    [InlineData("9", "12", true)]
    [InlineData("9", "8", false)]
    [InlineData("8", "9", true)]
    public void Of_two_decisions_the_one_that_was_written_later_gives_way(string own, string other, bool passes)
    {
        var facts = GivenRestart.Facts with
        {
            Open = [GivenRestart.Open("watch-1", state: RestartState.Decided, version: other)],
        };
        var decided = GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });

        Assert.Equal(passes, Blocks(facts, decided, own).Count == 0);
    }

    [Theory]
    [InlineData(RestartState.Idle, false)]
    [InlineData(RestartState.Decided, true)]
    [InlineData(RestartState.Called, true)]
    [InlineData(RestartState.Replacing, true)]
    [InlineData(RestartState.Proving, false)]
    public void A_restart_holds_budget_until_its_replacement_is_Ready(RestartState state, bool holds) =>
        Assert.Equal(holds, RestartRecords.HoldsBudget(new ForkRestartStatus { State = state }));

    [Fact]
    public void Failures_are_the_restarts_that_did_not_help_and_those_without_a_replacement()
    {
        var record = GivenRestart.Past([
            .. Enum.GetValues<RestartResult>().Select((result, i) => GivenRestart.Ended(-i, result)),
        ]);

        Assert.Equal(
            [RestartResult.DidNotHelp, RestartResult.NotReplaced],
            RestartRecords
                .Failures(record)
                .Select(failure =>
                    record.History!.First(past => past.EndedTime == failure.EndedTime).Result.Known!.Value
                )
                .Order()
        );
        Assert.Empty(RestartRecords.Failures(null));
    }

    [Fact]
    public void The_restart_in_progress_counts_among_those_of_the_day_once_it_was_called()
    {
        var history = GivenRestart.Past(GivenRestart.Ended(-60, RestartResult.Helped)).History;
        var called = GivenRestart.Called() with { History = history };
        var decided = called with { Restart = called.Restart! with { CalledTime = null } };

        Assert.Equal(2, RestartRecords.InLastDay(called, Given.Start));
        Assert.Equal(1, RestartRecords.InLastDay(decided, Given.Start));
    }

    [Fact]
    public void The_history_has_the_newest_48_restarts()
    {
        var history = Enumerable.Range(1, 60).Select(i => GivenRestart.Ended(-i * 3600, RestartResult.Helped)).ToList();
        var called = GivenRestart.Called() with { History = history };

        var ended = GivenRestart.Written(GivenRestart.Input with { Record = called, Now = Given.At(602) });

        Assert.Equal([Given.At(602), .. history.Take(47).Select(past => past.EndedTime)], Times(ended));
        var first = GivenRestart.Written(
            GivenRestart.Input with
            {
                Record = GivenRestart.Called(),
                Now = Given.At(602),
            }
        );
        Assert.Equal([Given.At(602)], Times(first));
    }

    [Fact]
    public void A_correction_of_one_time_keeps_the_others_and_the_cooldown()
    {
        var record = GivenRestart.Cooling(-60, 3540) with
        {
            History = [GivenRestart.Ended(7200, RestartResult.Helped), GivenRestart.Ended(-600, RestartResult.Helped)],
        };

        var corrected = RestartMachine.Step(GivenRestart.Input with { Record = record }).Put!;

        Assert.Equal([Given.Start, Given.At(-600)], Times(corrected));
        Assert.Equal(record.Cooldown, corrected.Cooldown);
    }

    [Fact]
    public void Three_failures_exactly_an_hour_apart_open_the_circuit_breaker() =>
        Assert.Equal(
            Given.At(3000),
            CircuitBreaker.OpenUntil([new(Given.At(-4200)), new(Given.At(-2000)), new(Given.At(-600))], Given.Start)
        );

    [Fact]
    public void Bounds_of_facts_belong_to_what_passes()
    {
        Assert.Empty(Blocks(GivenRestart.Facts with { DisruptionBudgets = 1 }));
        Assert.Empty(Blocks(GivenRestart.Facts with { Siblings = Siblings(RestartRecords.MaxSiblings) }));
        Assert.Equal(
            new RestartBlock(BlockReason.Refused, "the workload has 5001 pods (at most 5000)"),
            Assert.Single(Blocks(GivenRestart.Facts with { Siblings = Siblings(RestartRecords.MaxSiblings + 1) }))
        );
        var now = GivenRestart.Request with { ReadingAge = TimeSpan.Zero };
        Assert.Empty(RestartGates.Blocks(RestartGateCases.Given with { Request = now }));
    }

    [Fact]
    public void A_pod_or_node_that_is_not_there_has_its_own_text()
    {
        Assert.Equal(
            "the pod runs on node (none), and node node-a reported it",
            Blocks(GivenRestart.Facts with { Pod = GivenRestart.Pod with { Node = null } })[0].Message
        );
        Assert.Equal("node node-a does not exist", Blocks(GivenRestart.Facts with { Node = null })[0].Message);
    }

    [Fact]
    public void Kind_and_group_are_part_of_an_owner_and_the_version_is_not()
    {
        var record = new ForkRestart { Spec = new ForkRestartSpec { Owner = GivenRestart.Owner } };
        var core = GivenRestart.Owner with { ApiVersion = "v1" };

        Assert.False(RestartNames.IsOf(record, GivenRestart.Owner with { Kind = "StatefulSet" }));
        Assert.False(RestartNames.IsOf(record, GivenRestart.Owner with { ApiVersion = "other/v1" }));
        Assert.Equal(RestartNames.Of(core), RestartNames.Of(core with { ApiVersion = "v2" }), StringComparer.Ordinal);
    }

    private static IReadOnlyList<RestartBlock> Blocks(
        RestartFacts facts,
        ForkRestartStatus? record = null,
        string? version = null
    ) => RestartGates.Blocks(RestartGateCases.Given with { Facts = facts, Record = record, Version = version });

    private static IEnumerable<DateTimeOffset> Times(ForkRestartStatus record) =>
        record.History!.Select(past => past.EndedTime);

    private static IReadOnlyList<SiblingPod> Siblings(int count) =>
        [.. Enumerable.Range(1, count).Select(i => GivenRestart.Sibling($"uid-{i}"))];
}
