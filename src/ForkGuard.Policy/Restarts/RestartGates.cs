using ForkGuard.Api;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>One reason not to restart.</summary>
/// <param name="Reason">Its name.</param>
/// <param name="Message">A short sentence without a full stop that names the numbers behind it.</param>
public sealed record RestartBlock(BlockReason Reason, string Message);

/// <summary>Input of the gates.</summary>
/// <param name="Record">The record of the workload; null if there is none.</param>
/// <param name="Request">The wanted restart.</param>
/// <param name="Facts">The world.</param>
/// <param name="Budget">The controller's own limits.</param>
/// <param name="Now">The time of the API server.</param>
public sealed record GateInput(
    ForkRestartStatus? Record,
    RestartRequest Request,
    RestartFacts Facts,
    RestartBudget Budget,
    DateTimeOffset Now
)
{
    /// <summary>The resource version of the record; null if there is none.</summary>
    public string? Version { get; init; }

    /// <summary>The record is that of this very restart: its own cooldown does not count against it.</summary>
    public bool IsOwn => RestartRecords.IsOf(Record, Request);
}

/// <summary>The gates of a restart.</summary>
public static class RestartGates
{
    internal delegate string? Gate(GateInput input);

    // First what makes the rest meaningless, last what passes by itself: the first block is the one that users read. The order
    // is that of the reasons.
    private static readonly (BlockReason Reason, Gate Objects)[] Gates =
    [
        (BlockReason.NotLeader, static input => input.Facts.IsLeader ? null : "another controller leads"),
        (BlockReason.Conflict, ControllerGates.Conflict),
        (BlockReason.SwitchedOff, static input => input.Facts.SwitchedOff),
        (BlockReason.CircuitOpen, ControllerGates.CircuitOpen),
        (BlockReason.StaleReading, ControllerGates.StaleReading),
        (BlockReason.StaleCache, static input => input.Facts.StaleWatch ?? input.Facts.StaleCache),
        (BlockReason.ReportMismatch, PodGates.ReportMismatch),
        (BlockReason.Terminating, PodGates.Terminating),
        (BlockReason.SiblingTerminating, WorkloadGates.SiblingTerminating),
        (BlockReason.NodeNotReady, PodGates.NodeNotReady),
        (BlockReason.NodeDraining, PodGates.NodeDraining),
        .. OfEvaluation(
            BlockReason.NotApplicable,
            BlockReason.WhatIf,
            BlockReason.Paused,
            BlockReason.NotRemeasured,
            BlockReason.NotGrowing,
            BlockReason.NotTheCause,
            BlockReason.LimitChanged
        ),
        (BlockReason.Static, PodGates.Static),
        (BlockReason.Critical, PodGates.Critical),
        (BlockReason.Unmanaged, PodGates.Unmanaged),
        (BlockReason.Job, PodGates.Job),
        (BlockReason.OptedOut, static input => input.Facts.Pod?.OptOut),
        (BlockReason.LocalStorage, PodGates.LocalStorage),
        (BlockReason.GaveUp, WorkloadGates.GaveUp),
        (BlockReason.MinReadyReplicas, WorkloadGates.MinReadyReplicas),
        (BlockReason.OutsideWindow, WorkloadGates.OutsideWindow),
        (BlockReason.Cooldown, WorkloadGates.Cooldown),
        (BlockReason.Budget, BudgetGate.Budget),
        (BlockReason.DisruptionBudget, ControllerGates.DisruptionBudget),
        (BlockReason.Throttled, static input => ControllerGates.BlockedBy(input, BlockReason.Throttled)),
        (BlockReason.Unavailable, static input => ControllerGates.BlockedBy(input, BlockReason.Unavailable)),
        (BlockReason.Refused, ControllerGates.Refused),
        (BlockReason.DryRun, ControllerGates.DryRun),
    ];

    /// <summary>Returns every gate that blocks a restart now, the most important first; empty if none does.</summary>
    public static IReadOnlyList<RestartBlock> Blocks(GateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var blocks = new List<RestartBlock>();
        foreach (var (reason, objects) in Gates)
        {
            if (objects(input) is { } message)
            {
                blocks.Add(new RestartBlock(reason, message));
            }
        }

        return blocks;
    }

    // Rounded up, so that nothing that is left or too old is called 0 s.
    internal static string Seconds(TimeSpan time) => SizeText.Duration((long)Math.Ceiling(time.TotalSeconds));

    private static IEnumerable<(BlockReason, Gate)> OfEvaluation(params BlockReason[] reasons) =>
        reasons.Select(reason =>
            (reason, (Gate)(input => input.Request.BlockedBy.Contains(reason) ? BlockText.Of(reason) : null))
        );
}
