using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

public class ActionGateTests
{
    private static readonly IReadOnlyDictionary<ActionVeto, Func<ActionDecision>> Cases = new Dictionary<
        ActionVeto,
        Func<ActionDecision>
    >
    {
        [ActionVeto.NotApplicable] = () => Judge(Given.AtOnce, Given.Exactly(95), mode: 1),
        [ActionVeto.WhatIf] = () => Judge(Given.AtOnce with { EvaluateAs = EvaluationMode.Strict }, Given.Exactly(95)),
        [ActionVeto.Paused] = () => Judge(Given.AtOnce with { Paused = true }, Given.Exactly(95)),
        [ActionVeto.DryRun] = () => Judge(Given.AtOnce with { DryRun = true }, Given.Exactly(95)),
        [ActionVeto.NotRemeasured] = () => Judge(Given.AtOnce, Given.Exactly(95), fresh: false),
        [ActionVeto.NotTheCause] = () => Judge(Given.AtOnce, Given.Committed(95, 1), mode: 2),
        [ActionVeto.LimitChanged] = () => Judge(Given.AtOnce, Given.Exactly(95), limitChanged: Given.At(-1)),
    };

    internal static IEnumerable<ActionVeto> Reasons => Cases.Keys;

    public static TheoryData<ActionVeto> Vetoes => [.. Cases.Keys];

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, 50)]
    public void Where_nothing_speaks_against_it_the_action_is_allowed(int mode, int? own)
    {
        var reading = own is null ? Given.Exactly(95) : Given.Committed(95, own);

        Assert.True(Judge(Given.AtOnce, reading, mode: mode).Allowed);
    }

    [Theory]
    [MemberData(nameof(Vetoes))]
    public void Each_gate_can_say_no_alone(ActionVeto veto)
    {
        var action = Cases[veto]();

        Assert.Equal([veto], action.Vetoes);
        Assert.False(action.Allowed);
    }

    [Theory]
    [MemberData(nameof(Vetoes))]
    public void Each_of_them_is_told_in_a_sentence_of_its_own(ActionVeto veto)
    {
        var sentence = VetoText.Of(veto);

        Assert.Contains(' ', sentence);
        Assert.NotEqual('.', sentence[^1]);
        Assert.Equal(veto, Assert.Single(Enum.GetValues<ActionVeto>(), other => VetoText.Of(other) == sentence));
    }

    [Fact]
    public void What_needs_numbers_to_be_told_goes_by_its_name() =>
        Assert.Equal("Cooldown", VetoText.Of(ActionVeto.Cooldown));

    private static ActionDecision Judge(
        WatchRule rule,
        ProcessReport reading,
        bool fresh = true,
        int mode = 0,
        DateTimeOffset? limitChanged = null
    ) => new Timeline(rule).Judge(0, reading, fresh, mode, limitChanged).Action;
}
