using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Decisions and calls that are carried out, held back or made again, and the times of each.</summary>
public sealed class RestartRepeatTests
{
    private static RestartRequest Paused => GivenRestart.Request with { BlockedBy = [BlockReason.Paused] };

    private static ForkRestartStatus Decided =>
        GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });

    [Fact]
    public void A_restart_that_a_gate_blocks_is_not_decided()
    {
        var step = RestartMachine.Step(GivenRestart.Input with { Request = Paused });

        Assert.Null(step.Put);
        Assert.Equal([BlockReason.Paused], Reasons(step));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(30.5, false)]
    public void A_decision_is_called_within_a_call_and_a_term(double second, bool isCalled)
    {
        var step = Step(Decided, second);

        Assert.Equal(isCalled, step.Call);
        Assert.Equal(isCalled ? RestartState.Called : RestartState.Idle, step.Put!.State);
        Assert.Equal(!isCalled, step.Continue);
    }

    [Fact]
    public void A_decision_that_nobody_wants_any_more_is_withdrawn_and_nothing_follows()
    {
        var step = RestartMachine.Step(GivenRestart.Input with { Record = Decided, Now = Given.At(1) });

        Assert.Equal(RestartState.Idle, step.Put!.State);
        Assert.False(step.Continue);
    }

    [Fact]
    public void A_decision_on_a_clock_that_was_set_back_keeps_the_end_of_its_cooldown() =>
        Assert.Equal(Given.At(3600), Step(Decided, -30).Put!.Cooldown!.Until);

    [Fact]
    public void A_call_is_not_made_again_while_a_gate_blocks()
    {
        var step = Step(GivenRestart.Called(), 20, Paused);

        Assert.Null(step.Put);
        Assert.False(step.Call);
        Assert.Equal([BlockReason.Paused], Reasons(step));
        Assert.Equal(Given.At(601), step.Again);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 60)]
    [InlineData(50, 60)]
    public void The_pause_before_a_call_doubles_up_to_a_minute(int calls, double pause)
    {
        var called = GivenRestart.Called();
        var record = called with { Restart = called.Restart! with { CallCount = calls } };

        Assert.Equal(Given.At(1 + pause), Step(record, 2).Again);
        Assert.True(Step(record, 1 + pause).Call);
    }

    [Fact]
    public void Calls_are_repeated_for_ten_minutes_from_the_first_call_and_not_from_the_decision()
    {
        var called = GivenRestart.Written(
            GivenRestart.Input with
            {
                Record = Decided,
                Request = GivenRestart.Request,
                Now = Given.At(25),
            }
        );

        Assert.True(Step(called, 620).Call);
        Assert.Equal(RestartResult.CallFailed, Step(called, 625).Put!.Result);
    }

    [Fact]
    public void A_call_fails_only_once_its_last_repetition_cannot_be_answered_any_more()
    {
        var again = Step(GivenRestart.Called(), 598).Put!;

        var step = Step(again, 605);

        Assert.Null(step.Put);
        Assert.Equal(Given.At(613), step.Again);
        Assert.Null(Step(again, 613).Put);
        Assert.Equal(RestartResult.CallFailed, Step(again, 613.5).Put!.Result);
    }

    [Fact]
    public void A_controller_that_does_not_lead_gives_that_reason_first_and_once()
    {
        var facts = GivenRestart.Facts with { IsLeader = false, SwitchedOff = "off" };
        var step = RestartMachine.Step(GivenRestart.Input with { Request = GivenRestart.Request, Facts = facts });

        Assert.Null(step.Put);
        Assert.Equal([BlockReason.NotLeader, BlockReason.SwitchedOff], Reasons(step));
        Assert.Equal("another controller leads", step.Blocks[0].Message);
        Assert.Equal(Given.At(10), step.Again);
    }

    [Fact]
    public void A_second_installation_is_the_only_reason_beside_it()
    {
        var facts = GivenRestart.Facts with { OtherInstallation = "pod-9" };

        Assert.Equal(
            [BlockReason.Conflict],
            Reasons(RestartMachine.Step(GivenRestart.Input with { Request = GivenRestart.Request, Facts = facts }))
        );
        Assert.Empty(RestartMachine.Step(GivenRestart.Input with { Facts = facts }).Blocks);
    }

    [Fact]
    public void An_old_record_is_looked_at_again_when_it_may_be_removed() =>
        Assert.Equal(
            Given.At(86_400),
            RestartMachine
                .Step(GivenRestart.Input with { Record = GivenRestart.Past(), CreatedTime = Given.Start })
                .Again
        );

    [Fact]
    public void The_watchs_grace_period_counts_before_the_pods()
    {
        var request = GivenRestart.Request with { Policy = GivenRestart.Policy with { GracePeriodSeconds = 5 } };

        var decided = GivenRestart.Written(GivenRestart.Input with { Request = request });

        Assert.Equal(5 + 600 + 900, decided.Restart!.ReplaceWithinSeconds);
    }

    [Theory]
    [InlineData(300, 600)]
    [InlineData(1800, 1800)]
    [InlineData(7200, 3600)]
    public void A_proof_lasts_as_long_as_the_cooldown_between_ten_minutes_and_an_hour(int cooldown, int proof) =>
        Assert.Equal(TimeSpan.FromSeconds(proof), new RestartTimes().Proof(TimeSpan.FromSeconds(cooldown)));

    private static RestartStep Step(ForkRestartStatus record, double second, RestartRequest? request = null) =>
        RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = record,
                Version = "2",
                Request = request ?? GivenRestart.Request,
                Now = Given.At(second),
            }
        );

    private static IEnumerable<BlockReason> Reasons(RestartStep step) => step.Blocks.Select(block => block.Reason);
}
