using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The records of a restart that ends.</summary>
internal static class RunEnd
{
    /// <summary>The restart ends, and its cooldown stands.</summary>
    internal static ForkRestartStatus With(RestartInput input, RestartResult result, string message)
    {
        var run = input.Record!.Restart!;
        var past = new PastRestart
        {
            Pod = run.Pod,
            Node = run.Node,
            Watch = run.Watch.ToString(),
            Method = run.Method,
            DecidedTime = run.DecidedTime,
            EndedTime = input.Now,
            Reason = run.Reason,
            Result = result,
            Message = message,
        };
        var next = Idle(input) with { Result = result, History = RestartRecords.With(input.Record.History, past) };
        return RecordConditions.Ended(next, result, message, input.Now);
    }

    /// <summary>The API server refused the call: nothing was done, and nothing counts.</summary>
    internal static ForkRestartStatus Refused(RestartInput input, string message) =>
        RecordConditions.Ended(
            Undone(input) with
            {
                Result = RestartResult.Refused,
            },
            RestartResult.Refused,
            message,
            input.Now
        );

    /// <summary>Nothing was called: as if the restart had not been decided.</summary>
    internal static ForkRestartStatus Withdraw(RestartInput input) =>
        RecordConditions.Over(Undone(input), "Withdrawn", "the restart was not carried out", input.Now);

    /// <summary>A state without its restart, or a restart in state Idle, which no controller writes: the cooldown stands.</summary>
    internal static ForkRestartStatus Lost(RestartInput input) =>
        RecordConditions.Over(Idle(input), "Incomplete", "the state of the record did not fit its restart", input.Now);

    private static ForkRestartStatus Undone(RestartInput input) =>
        Idle(input) with
        {
            Cooldown = input.Record!.Restart!.PreviousCooldown,
            Pod = input.Record.History is [var last, ..] ? last.Pod : input.Record.Pod,
        };

    private static ForkRestartStatus Idle(RestartInput input) =>
        input.Record! with
        {
            State = RestartState.Idle,
            Restart = null,
        };
}
