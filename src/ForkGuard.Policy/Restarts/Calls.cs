using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>Steps of a restart whose call was about to be made.</summary>
internal static class Calls
{
    internal static RestartStep Step(RestartInput input)
    {
        if (HasEnded(input))
        {
            return Accepted(input);
        }

        return input is { Answer: { } answer, IsOurs: true } ? Answered(input, answer) : Unanswered(input);
    }

    private static RestartStep Answered(RestartInput input, CallAnswer answer)
    {
        // Earlier calls may still be done: only the answer to the first one proves that nothing was.
        var isFirst = input.Record!.Restart!.CallCount == 1;
        var undone = answer.Kind switch
        {
            CallAnswerKind.Refused => new RestartBlock(BlockReason.Refused, answer.Message),
            CallAnswerKind.DisruptionBudget => new RestartBlock(BlockReason.DisruptionBudget, answer.Message),
            CallAnswerKind.Throttled => new RestartBlock(BlockReason.Throttled, answer.Message),
            _ => null,
        };
        return answer.Kind switch
        {
            CallAnswerKind.Accepted => Accepted(input),
            CallAnswerKind.Refused when isFirst => RestartMachine.Written(
                input,
                RunEnd.Refused(input, answer.Message)
            ) with
            {
                Blocks = [undone!],
            },
            // The pod is there: a 404 is that of a proxy, or of another API server.
            CallAnswerKind.Gone or CallAnswerKind.Unknown => Unanswered(input),
            _ when isFirst => RestartMachine.Written(input, RunEnd.Withdraw(input)) with { Blocks = [undone!] },
            _ => Unanswered(input) with { Blocks = [undone!] },
        };
    }

    /// <summary>
    /// The pod is still there: it is asked to go again while the restart is wanted and allowed, and never another one. Without
    /// that the restart stays reserved until no earlier call can be done any more.
    /// </summary>
    private static RestartStep Unanswered(RestartInput input)
    {
        var run = input.Record!.Restart!;
        var called = run.CalledTime ?? run.DecidedTime;
        var last = run.LastCallTime ?? called;
        var settled = last + input.Times.CallTimeout + (input.IsOurs ? TimeSpan.Zero : input.Times.LeaseDuration);
        var repeatUntil = called + input.Times.RepeatFor;
        if (input.Now >= repeatUntil)
        {
            return input.Now > settled ? Failed(input, RestartText.NoAnswer(run.Pod)) : RestartMachine.Waits(settled);
        }

        if (input.IsOurs && input.Now < last + input.Times.Pause(run.CallCount))
        {
            return RestartMachine.Waits(last + input.Times.Pause(run.CallCount));
        }

        IReadOnlyList<RestartBlock> blocks = input.AsksForRun
            ? RestartGates.Blocks(input.GateInput(input.Request!))
            : [];
        if (input.AsksForRun && blocks.Count == 0)
        {
            return new RestartStep { Put = RunStart.Call(input), Call = true };
        }

        return input.IsOurs ? RestartMachine.Waits(repeatUntil, blocks)
            : input.Now > settled ? Failed(input, RestartText.CallerEnded(run.Pod))
            : RestartMachine.Waits(settled, blocks);
    }

    private static RestartStep Accepted(RestartInput input)
    {
        var run = input.Record!.Restart!;
        var next = input.Record with
        {
            State = RestartState.Replacing,
            Restart = run with { AcceptedTime = input.Now },
        };
        return RestartMachine.Written(
            input,
            RecordConditions.InProgress(next, RestartText.Awaited(run.Pod), input.Now)
        );
    }

    private static RestartStep Failed(RestartInput input, string message) =>
        RestartMachine.Written(input, RunEnd.With(input, RestartResult.CallFailed, message));

    private static bool HasEnded(RestartInput input) =>
        input.Facts.Pod is not { IsTerminating: false } pod
        || !string.Equals(pod.Uid, input.Record!.Restart!.Pod.Uid, StringComparison.Ordinal);
}
