using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Policy.Tests.Risk;

public class ActionGateTests
{
    private static readonly IReadOnlyDictionary<BlockReason, Func<ActionDecision>> Cases = new Dictionary<
        BlockReason,
        Func<ActionDecision>
    >
    {
        [BlockReason.NotApplicable] = () =>
            Decide(Given.AtOnce, Given.Pids(95) with { Type = ConstraintType.UserProcesses }),
        [BlockReason.WhatIf] = () =>
            Decide(Given.AtOnce with { EvaluateAs = EvaluationMode.Strict }, Given.Exactly(95)),
        [BlockReason.Paused] = () => Decide(Given.AtOnce with { Paused = true }, Given.Exactly(95)),
        [BlockReason.DryRun] = () => Decide(Given.AtOnce with { DryRun = true }, Given.Exactly(95)),
        [BlockReason.NotRemeasured] = () => Decide(Given.AtOnce, Given.Exactly(95), fresh: false),
        [BlockReason.NotGrowing] = () => Decide(Given.AtOnce, Given.Steady(95)),
        [BlockReason.NotTheCause] = () => new Timeline(Given.AtOnce).EvaluateTwice(Given.Committed(95, 1)).Action,
        [BlockReason.LimitChanged] = () => Decide(Given.AtOnce, Given.Exactly(95), limitChanged: Given.At(-1)),
    };

    internal static IEnumerable<BlockReason> Reasons => Cases.Keys;

    public static TheoryData<BlockReason> AllReasons => [.. Cases.Keys];

    [Fact]
    public void Allows_an_action_that_no_gate_blocks()
    {
        Assert.True(Decide(Given.AtOnce, Given.Exactly(95)).Allowed);
        Assert.True(Decide(Given.AtOnce, Given.Pids(95)).Allowed);
        Assert.True(new Timeline(Given.AtOnce).EvaluateTwice(Given.Committed(95, 50)).Action.Allowed);
    }

    [Theory]
    [MemberData(nameof(AllReasons))]
    public void Each_gate_blocks_alone(BlockReason reason)
    {
        var action = Cases[reason]();

        Assert.Equal([reason], action.BlockedBy);
        Assert.False(action.Allowed);
    }

    [Theory]
    [MemberData(nameof(AllReasons))]
    public void Each_reason_has_a_sentence_of_its_own(BlockReason reason)
    {
        var sentence = BlockText.Of(reason);

        Assert.Contains(' ', sentence);
        Assert.NotEqual('.', sentence[^1]);
        Assert.Equal(reason, Assert.Single(Enum.GetValues<BlockReason>(), other => BlockText.Of(other) == sentence));
    }

    [Fact]
    public void Names_a_reason_whose_sentence_needs_numbers() =>
        Assert.Equal("Cooldown", BlockText.Of(BlockReason.Cooldown));

    private static ActionDecision Decide(
        WatchRule rule,
        ConstraintReport reading,
        bool fresh = true,
        DateTimeOffset? limitChanged = null
    ) => new Timeline(rule).Evaluate(0, reading, fresh, limitChanged: limitChanged).Action;
}
