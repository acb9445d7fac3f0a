using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>The answers to a call, and its repetitions.</summary>
public sealed class RestartCallTests
{
    private static RestartInput Called =>
        GivenRestart.Input with
        {
            Record = GivenRestart.Called(),
            Version = "2",
            Request = GivenRestart.Request,
            Now = Given.At(2),
        };

    private static RestartFacts PodGone => GivenRestart.Facts with { Pod = null };

    [Theory]
    [InlineData(CallAnswerKind.Refused, BlockReason.Refused)]
    [InlineData(CallAnswerKind.DisruptionBudget, BlockReason.DisruptionBudget)]
    [InlineData(CallAnswerKind.Throttled, BlockReason.Throttled)]
    public void A_refusal_restores_the_cooldown_before_it(CallAnswerKind kind, BlockReason reason)
    {
        var before = GivenRestart.Cooling(-7200, -3600);
        var decided = GivenRestart.Written(GivenRestart.Input with { Record = before, Request = GivenRestart.Request });
        var called = GivenRestart.Written(GivenRestart.Input with { Record = decided, Request = GivenRestart.Request });

        var step = RestartMachine.Step(Called with { Record = called, Answer = new CallAnswer(kind, "no") });

        Assert.Equal(RestartState.Idle, step.Put!.State);
        Assert.Equal(before.Cooldown, step.Put.Cooldown);
        Assert.Equal([new RestartBlock(reason, "no")], step.Blocks);
    }

    [Fact]
    public void A_refusal_after_an_unknown_answer_proves_nothing()
    {
        var again = GivenRestart.Written(Called with { Now = Given.At(20) });
        var step = RestartMachine.Step(
            Called with
            {
                Record = again,
                Now = Given.At(21),
                Answer = new CallAnswer(CallAnswerKind.Refused, "no"),
            }
        );

        Assert.Equal(2, again.Restart!.CallCount);
        Assert.Null(step.Put);
        Assert.Equal([new RestartBlock(BlockReason.Refused, "no")], step.Blocks);
        var failed = GivenRestart.Written(Called with { Record = again, Now = Given.At(602) });
        Assert.Equal(RestartResult.CallFailed, failed.Result);
        Assert.Equal(Given.At(3620), failed.Cooldown!.Until);
    }

    [Fact]
    public void The_shortest_cooldown_outlasts_the_last_call_by_its_whole_length()
    {
        var asked = GivenRestart.Request with { Cooldown = TimeSpan.FromMinutes(10) };
        var decided = GivenRestart.Written(GivenRestart.Input with { Request = asked });
        var called = GivenRestart.Written(GivenRestart.Input with { Record = decided, Request = asked });
        var again = GivenRestart.Written(Called with { Record = called, Request = asked, Now = Given.At(590) });
        var failed = GivenRestart.Written(Called with { Record = again, Request = asked, Now = Given.At(606) });

        Assert.Equal(RestartResult.CallFailed, failed.Result);
        Assert.Equal(Given.At(1190), failed.Cooldown!.Until);
    }

    [Fact]
    public void An_accepted_call_begins_the_wait_for_a_replacement() =>
        Assert.Equal(
            RestartState.Replacing,
            GivenRestart.Written(Called with { Answer = new CallAnswer(CallAnswerKind.Accepted, "") }).State
        );

    [Fact]
    public void A_pod_counts_as_gone_only_if_it_is_not_there()
    {
        var gone = Called with { Answer = new CallAnswer(CallAnswerKind.Gone, "") };

        Assert.Equal(RestartState.Replacing, GivenRestart.Written(gone with { Facts = PodGone }).State);
        Assert.Null(RestartMachine.Step(gone).Put);
        Assert.True(RestartMachine.Step(gone with { Answer = null, Now = Given.At(20) }).Call);
    }

    [Fact]
    public void Without_an_answer_the_pod_itself_shows_that_the_call_was_done() =>
        Assert.Equal(
            RestartState.Replacing,
            GivenRestart.Written(Called with { Request = null, Facts = PodGone }).State
        );

    [Fact]
    public void A_call_without_an_answer_is_repeated_with_pauses_for_ten_minutes()
    {
        Assert.Null(RestartMachine.Step(Called).Put);
        Assert.True(RestartMachine.Step(Called with { Now = Given.At(7) }).Call);

        var step = RestartMachine.Step(Called with { Now = Given.At(602) });

        Assert.Equal(RestartResult.CallFailed, step.Put!.Result);
        Assert.NotNull(step.Put.Cooldown);
    }

    [Fact]
    public void A_call_of_an_earlier_term_stays_reserved_unless_it_is_still_wanted()
    {
        var successor = GivenRestart.Writer with { LeaseTransitions = 4, Identity = "pod-2" };

        Assert.True(RestartMachine.Step(Called with { Writer = successor }).Call);
        var unwanted = Called with { Writer = successor, Request = null };
        Assert.Null(RestartMachine.Step(unwanted with { Now = Given.At(31) }).Put);
        Assert.Equal(RestartResult.CallFailed, GivenRestart.Written(unwanted with { Now = Given.At(32) }).Result);
    }

    [Fact]
    public void A_request_for_another_pod_never_moves_a_restart()
    {
        var step = RestartMachine.Step(
            Called with
            {
                Request = GivenRestart.Request with { Pod = GivenRestart.PodOf("uid-2") },
                Facts = GivenRestart.Facts with { Pod = GivenRestart.Pod with { Uid = "uid-2" } },
            }
        );

        Assert.Null(step.Put);
        Assert.Equal([BlockReason.Cooldown], step.Blocks.Select(block => block.Reason));
    }

    [Theory]
    [InlineData("watch-2", 2)]
    [InlineData("watch-1", 3)]
    public void A_call_is_repeated_only_for_the_watch_and_generation_that_decided_it(string uid, long generation)
    {
        var step = RestartMachine.Step(
            Called with
            {
                Request = GivenRestart.Request with
                {
                    Watch = GivenRestart.Request.Watch with { Uid = uid, Generation = generation },
                    Policy = GivenRestart.Policy with { Method = RestartMethod.Delete },
                },
                Now = Given.At(20),
            }
        );

        Assert.False(step.Call);
        Assert.Equal([BlockReason.Cooldown], step.Blocks.Select(block => block.Reason));
    }

    [Fact]
    public void A_decision_that_is_withdrawn_after_a_refusal_is_not_refused_again()
    {
        var refused = GivenRestart.Written(Called with { Answer = new CallAnswer(CallAnswerKind.Refused, "no") });
        var decided = GivenRestart.Written(
            GivenRestart.Input with
            {
                Record = refused,
                Request = GivenRestart.Request,
            }
        );
        var withdrawn = GivenRestart.Written(GivenRestart.Input with { Record = decided });

        Assert.True(RestartRecords.WasRefused(refused));
        Assert.Equal(RestartState.Idle, withdrawn.State);
        Assert.Equal(RestartResult.Refused, withdrawn.Result);
        Assert.False(RestartRecords.WasRefused(withdrawn));
    }
}
