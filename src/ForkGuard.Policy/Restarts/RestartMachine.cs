using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>
/// The steps of a restart: <c>Idle -> Decided -> Called -> Replacing -> Proving -> Idle</c>. A pure function: the same input
/// gives the same step, and whatever must not be forgotten is in the record.
/// </summary>
public static class RestartMachine
{
    /// <summary>Gives the next step of a workload's restart.</summary>
    public static RestartStep Step(RestartInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var isOver = IsOfLaterTerm(input);
        if (!input.Facts.IsLeader || isOver)
        {
            return No(input, new RestartBlock(BlockReason.NotLeader, "another controller leads")) with
            {
                EndsTerm = isOver,
            };
        }

        if (input.Facts.OtherInstallation is not null)
        {
            return No(input);
        }

        if (RestartRecords.StateOf(input.Record) is not { } state)
        {
            // Only a later version changes it.
            return No(input) with { Again = null };
        }

        // The record keeps its writer: the restart of an earlier term stays one.
        if (input is { Answer: null, Record: { } record } && FutureTimes.Corrected(record, input.Now) is { } corrected)
        {
            return new RestartStep { Put = corrected, Continue = true };
        }

        if (state == RestartState.Idle && input.Record?.Restart is not null)
        {
            return Written(input, RunEnd.Lost(input)) with { Continue = input.Request is not null };
        }

        // The facts are about the pod of the request: they prove nothing about the restart of another one.
        if (state != RestartState.Idle && input is { Request: { } other, AsksForRun: false })
        {
            return new RestartStep { Blocks = RestartGates.Blocks(input.GateInput(other)) };
        }

        return state switch
        {
            RestartState.Idle => Idle(input),
            _ when input.Record?.Restart is null => Written(input, RunEnd.Lost(input)),
            RestartState.Decided => Decided(input),
            RestartState.Called => Calls.Step(input),
            RestartState.Replacing => Replacements.Step(input),
            _ => Proofs.Step(input),
        };
    }

    private static bool IsOfLaterTerm(RestartInput input) =>
        input.Record?.Writer is { } writer
        && string.Equals(writer.LeaseUid, input.Writer.LeaseUid, StringComparison.Ordinal)
        && writer.LeaseTransitions > input.Writer.LeaseTransitions;

    private static RestartStep Idle(RestartInput input)
    {
        if (input.Request is not { } request)
        {
            return Rest(input);
        }

        var blocks = RestartGates.Blocks(input.GateInput(request));
        return blocks.Count > 0
            ? new RestartStep { Blocks = blocks }
            : new RestartStep { Put = RunStart.Decide(input, request), Continue = true };
    }

    /// <summary>
    /// Calls if the restart is still wanted, allowed and within the budgets; otherwise it is withdrawn, as that of an earlier
    /// term, and one that waited for longer than a call and a term last.
    /// </summary>
    private static RestartStep Decided(RestartInput input)
    {
        var age = input.Now - input.Record!.Restart!.DecidedTime;
        if (!input.IsOurs || !input.AsksForRun || age > input.Times.CallTimeout + input.Times.LeaseDuration)
        {
            var withdrawn = Written(input, RunEnd.Withdraw(input));
            return input.Request is null ? withdrawn : withdrawn with { Continue = true };
        }

        var blocks = RestartGates.Blocks(input.GateInput(input.Request!));
        return blocks.Count > 0
            ? Written(input, RunEnd.Withdraw(input)) with
            {
                Blocks = blocks,
            }
            : new RestartStep { Put = RunStart.Call(input), Call = true };
    }

    private static RestartStep Rest(RestartInput input)
    {
        if (input is not { Record: { } record, CreatedTime: { } created })
        {
            return new RestartStep();
        }

        var removable = RestartRecords.RemovableFrom(record, created);
        return input.Now >= removable ? new RestartStep { Remove = true } : new RestartStep { Again = removable };
    }

    internal static RestartStep Written(RestartInput input, ForkRestartStatus next) =>
        new() { Put = next with { Writer = input.Writer } };

    internal static RestartStep Waits(DateTimeOffset again, IReadOnlyList<RestartBlock>? blocks = null) =>
        new() { Again = again, Blocks = blocks ?? [] };

    private static RestartStep No(RestartInput input, RestartBlock? first = null)
    {
        IReadOnlyList<RestartBlock> blocks = input.Request is { } request
            ? RestartGates.Blocks(input.GateInput(request))
            : [];
        return new RestartStep
        {
            Blocks =
                first is null || input.Request is null
                    ? blocks
                    : [first, .. blocks.Where(block => block.Reason != first.Reason)],
            Again = input.Now + TimeSpan.FromSeconds(10),
        };
    }
}
