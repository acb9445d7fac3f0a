using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>A wanted restart: the pod, the watch that asks for it, and the reading behind it.</summary>
public sealed record RestartRequest
{
    /// <summary>The watch at the generation that was evaluated.</summary>
    public required WatchReference Watch { get; init; }
    public required RestartPolicy Policy { get; init; }
    public required int ActAtPercent { get; init; }
    public required PodReference Pod { get; init; }

    /// <summary>The node that reported the pod.</summary>
    public required string Node { get; init; }
    public required OpenEnum<ConstraintType> Constraint { get; init; }

    /// <summary>The sharers of the constraint.</summary>
    public OpenEnum<ConstraintScope> Scope { get; init; }

    /// <summary>The container and the command that the reading named; null where it named none.</summary>
    public string? Container { get; init; }
    public string? Command { get; init; }

    /// <summary>The id that the container runtime assigned to the container; null where the reading named none.</summary>
    public string? ContainerId { get; init; }
    public long? Limit { get; init; }
    public int OvercommitMode { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Gates of the evaluation of the reading that block it.</summary>
    public required IReadOnlyList<BlockReason> BlockedBy { get; init; }

    /// <summary>Time since the reading that named the pod was first seen; null for a reading of an earlier controller.</summary>
    public required TimeSpan? ReadingAge { get; init; }

    /// <summary>Time between two scans of the agent.</summary>
    public required TimeSpan ScanInterval { get; init; }

    /// <summary>The longest cooldown of all watches that may restart the pod.</summary>
    public required TimeSpan Cooldown { get; init; }

    /// <summary>The watch that <see cref="Cooldown"/> is of, as in <c>ForkWatch shop/redis</c>.</summary>
    public required string CooldownWatch { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>The way to restart where no watch chooses one; null means that of <see cref="Policy"/>.</summary>
    public OpenEnum<RestartMethod>? Method { get; init; }
}
