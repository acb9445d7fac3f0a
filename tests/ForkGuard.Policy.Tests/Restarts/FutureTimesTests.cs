using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Records whose times the clock of the API server has not reached, because it was set back.</summary>
public sealed class FutureTimesTests
{
    private const double Year = 365 * 86_400;
    private const double Week = 7 * 86_400;

    private static RestartWriter Successor => GivenRestart.Writer with { LeaseTransitions = 4, Identity = "pod-2" };

    private static ForkRestartStatus CalledInAYear => Later(GivenRestart.Called());

    [Fact]
    public void A_call_of_the_future_ends_when_one_of_now_would()
    {
        var corrected = Step(CalledInAYear, second: 0);

        Assert.True(corrected.Continue);
        Assert.Equal(RestartState.Called, corrected.Put!.State);
        Assert.Equal(RestartResult.CallFailed, Step(corrected.Put, second: 600).Put!.Result);
    }

    [Fact]
    public void A_correction_is_not_taken_for_a_decision_of_the_term_that_makes_it()
    {
        var corrected = Step(CalledInAYear, second: 0, Successor).Put!;

        Assert.Equal(GivenRestart.Writer, corrected.Writer);
        Assert.Null(Step(corrected, second: 30, Successor).Put);
        Assert.Equal(RestartResult.CallFailed, Step(corrected, second: 31, Successor).Put!.Result);
    }

    [Fact]
    public void A_wait_for_a_replacement_of_the_future_ends_when_one_of_now_would()
    {
        var accepted = GivenRestart.Called() with { State = RestartState.Replacing };
        var replacing = Later(accepted with { Restart = accepted.Restart! with { AcceptedTime = Given.At(2) } });

        var corrected = Step(replacing, second: 0).Put!;

        Assert.Equal(RestartResult.NotReplaced, Step(corrected, second: 30 + 600 + 900).Put!.Result);
    }

    [Fact]
    public void A_cooldown_of_the_future_ends_after_the_longest_one_that_a_watch_can_have()
    {
        var corrected = Step(GivenRestart.Cooling(Year, Year + 3600), second: 0).Put!;

        Assert.Equal(Given.At(0), corrected.Cooldown!.Since);
        Assert.Equal(Given.At(Week), corrected.Cooldown.Until);
    }

    [Fact]
    public void A_cooldown_without_a_date_for_its_end_blocks_and_is_corrected()
    {
        var record = GivenRestart.Cooling(0, 3600);
        record = record with { Cooldown = record.Cooldown! with { Since = DateTimeOffset.MaxValue } };

        Assert.Equal([BlockReason.Cooldown], GivenRestart.BlocksOf(record));
        Assert.Equal(Given.At(60), Step(record, second: 60).Put!.Cooldown!.Since);
    }

    [Fact]
    public void A_cooldown_that_a_watch_could_have_is_not_shortened() =>
        Assert.Null(Step(GivenRestart.Cooling(7200, Week), second: 0).Put);

    [Fact]
    public void A_cooldown_that_begins_after_its_end_is_corrected_once()
    {
        var corrected = Step(GivenRestart.Cooling(7200, -60), second: 0).Put!;

        Assert.Equal(Given.At(-60), corrected.Cooldown!.Since);
        Assert.Equal(Given.At(-60), corrected.Cooldown.Until);
        Assert.Null(Step(corrected, second: 0).Put);
    }

    [Fact]
    public void A_cooldown_without_an_end_in_time_has_one()
    {
        var last = DateTimeOffset.MaxValue;
        var record = GivenRestart.Cooling(0, Week);
        var endless = record with { Cooldown = record.Cooldown! with { Since = last, Until = last } };

        Assert.Contains(
            BlockReason.Cooldown,
            RestartGates
                .Blocks(
                    new GateInput(
                        endless,
                        GivenRestart.Request,
                        GivenRestart.Input.Facts,
                        RestartBudget.Default,
                        Given.Start
                    )
                )
                .Select(block => block.Reason)
        );
    }

    [Fact]
    public void Past_restarts_of_the_future_count_for_a_day_from_now()
    {
        var corrected = Step(GivenRestart.Past(GivenRestart.Ended(Year, RestartResult.DidNotHelp)), second: 0).Put!;

        Assert.Equal(1, RestartRecords.IneffectiveInLastDay(corrected, Given.At(86_399)));
        Assert.Equal(0, RestartRecords.IneffectiveInLastDay(corrected, Given.At(86_400)));
        Assert.Equal(0, RestartRecords.InLastDay(corrected, Given.At(86_400)));
    }

    [Fact]
    public void Failures_of_the_future_open_the_circuit_breaker_for_no_longer_than_those_of_now() =>
        Assert.Equal(
            Given.At(3600),
            CircuitBreaker.OpenUntil([new(Given.At(Year)), new(Given.At(Year)), new(Given.At(Year))], Given.Start)
        );

    [Fact]
    public void Clocks_of_API_servers_that_differ_by_less_than_a_minute_correct_nothing() =>
        Assert.False(Step(GivenRestart.Past(GivenRestart.Ended(60, RestartResult.Helped)), second: 0).Continue);

    [Fact]
    public void An_answer_is_written_before_its_record_is_corrected()
    {
        var step = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = CalledInAYear,
                Request = GivenRestart.Request,
                Answer = new CallAnswer(CallAnswerKind.Accepted, ""),
            }
        );

        Assert.Equal(RestartState.Replacing, step.Put!.State);
    }

    private static RestartStep Step(ForkRestartStatus record, double second, RestartWriter? writer = null) =>
        RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = record,
                CreatedTime = Given.Start,
                Writer = writer ?? GivenRestart.Writer,
                Now = Given.At(second),
            }
        );

    private static ForkRestartStatus Later(ForkRestartStatus record) =>
        record with
        {
            Cooldown = GivenRestart.Cooling(Year, Year + 3600).Cooldown,
            Restart = record.Restart! with
            {
                DecidedTime = record.Restart.DecidedTime + TimeSpan.FromSeconds(Year),
                CalledTime = record.Restart.CalledTime + TimeSpan.FromSeconds(Year),
                LastCallTime = record.Restart.LastCallTime + TimeSpan.FromSeconds(Year),
                AcceptedTime = record.Restart.AcceptedTime + TimeSpan.FromSeconds(Year),
            },
        };
}
