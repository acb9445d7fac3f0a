using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>The cooldown after a call that failed: another call for the same pod restarts nothing twice.</summary>
public sealed class FailedCallTests
{
    // The call of a controller that ended, at the first second, was given up at the 40th.
    private static readonly ForkRestartStatus Failed = Record(Call(GivenRestart.PodUid, 40));

    private static RestartRequest OtherPod => GivenRestart.Request with { Pod = GivenRestart.PodOf("uid-2") };

    [Fact]
    public void A_call_that_failed_is_made_again_for_its_pod_within_the_cooldown() =>
        Assert.Empty(GivenRestart.BlocksOf(Failed, second: 41));

    [Fact]
    public void A_call_that_failed_holds_back_the_other_pods_for_the_whole_cooldown()
    {
        var facts = GivenRestart.Facts with { Pod = GivenRestart.Pod with { Uid = "uid-2" } };
        var input = new GateInput(Failed, OtherPod, facts, RestartBudget.Default, Given.At(3600));

        Assert.Equal([BlockReason.Cooldown], RestartGates.Blocks(input).Select(block => block.Reason));
        Assert.Empty(RestartGates.Blocks(input with { Now = Given.At(3601) }));
    }

    [Theory]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(4, 240)]
    [InlineData(40, 3561)]
    public void The_pause_before_a_failed_call_is_made_again_doubles_up_to_the_cooldown(int calls, double pause)
    {
        // In the order of the history: the last one first.
        var record = Record([.. Enumerable.Range(0, calls).Select(i => Call(GivenRestart.PodUid, 40 - (86_400 * i)))]);

        var blocks = RestartGates.Blocks(GateInput(record, 40 + pause - 1));

        Assert.Equal([BlockReason.Cooldown], blocks.Select(block => block.Reason));
        Assert.Contains("1 s", blocks[0].Message, StringComparison.Ordinal);
        Assert.Empty(RestartGates.Blocks(GateInput(record, 40 + pause)));
    }

    [Fact]
    public void A_call_of_another_pod_in_between_ends_the_count_of_failed_calls() =>
        Assert.Empty(
            GivenRestart.BlocksOf(
                Record(Call(GivenRestart.PodUid, 40), Call("uid-2", -7200), Call(GivenRestart.PodUid, -14_400)),
                second: 41
            )
        );

    [Fact]
    public void A_longer_cooldown_of_a_watch_that_selects_the_pod_now_holds_back_the_failed_pod_too() =>
        Assert.Equal(
            [BlockReason.Cooldown],
            GivenRestart.BlocksOf(Failed, GivenRestart.Request with { Cooldown = TimeSpan.FromHours(2) }, second: 3700)
        );

    [Fact]
    public void A_cooldown_that_began_after_the_failed_call_holds_back_its_pod_too() =>
        Assert.Equal(
            [BlockReason.Cooldown],
            GivenRestart.BlocksOf(
                Failed with
                {
                    Cooldown = Failed.Cooldown! with { Since = Given.At(50), Until = Given.At(3650) },
                },
                second: 60
            )
        );

    [Fact]
    public void A_shorter_cooldown_does_not_shorten_that_of_the_failed_call()
    {
        var shorter = GivenRestart.Request with
        {
            Cooldown = TimeSpan.FromMinutes(10),
            CooldownWatch = "ForkWatch a/b",
        };
        var decided = Written(Failed, shorter, 60);
        var called = Written(decided, shorter, 61);

        Assert.Equal((Given.At(60), Given.At(3601)), (decided.Cooldown!.Since, decided.Cooldown.Until));
        Assert.Equal(GivenRestart.Watch, decided.Cooldown.Watch);
        Assert.Equal(Given.At(3602), called.Cooldown!.Until);
    }

    [Fact]
    public void A_refusal_of_the_repeated_call_leaves_the_cooldown_of_the_failed_one()
    {
        var called = Written(Written(Failed, GivenRestart.Request, 60), GivenRestart.Request, 61);
        var refused = GivenRestart.Written(
            GivenRestart.Input with
            {
                Record = called,
                Request = GivenRestart.Request,
                Answer = new CallAnswer(CallAnswerKind.DisruptionBudget, "no"),
                Now = Given.At(62),
            }
        );

        Assert.Equal(Failed.Cooldown, refused.Cooldown);
        Assert.Empty(GivenRestart.BlocksOf(refused, second: 70));
    }

    private static ForkRestartStatus Written(ForkRestartStatus record, RestartRequest request, double second) =>
        GivenRestart.Written(GivenRestart.Input with { Record = record, Request = request, Now = Given.At(second) });

    private static GateInput GateInput(ForkRestartStatus record, double second) =>
        new(record, GivenRestart.Request, GivenRestart.Facts, RestartBudget.Default, Given.At(second));

    private static ForkRestartStatus Record(params PastRestart[] history) =>
        GivenRestart.Cooling(1, 3601) with
        {
            History = history,
        };

    private static PastRestart Call(string uid, double second) =>
        GivenRestart.Ended(second, RestartResult.CallFailed) with
        {
            Pod = GivenRestart.PodOf(uid),
        };
}
