using ForkGuard.Api;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>A scan as far as restarts depend on it.</summary>
internal sealed record UnitScan
{
    internal required DateTimeOffset Time { get; init; }

    /// <summary>Time by the monotonic clock.</summary>
    internal required long Timestamp { get; init; }
    internal required TimeSpan Interval { get; init; }
    internal required int OvercommitMode { get; init; }

    /// <summary>Last change of the mode or a limit; null if none was seen.</summary>
    internal DateTimeOffset? LimitChanged { get; init; }

    /// <summary>The worst process of each unit and command.</summary>
    internal required IReadOnlyList<ProcessReport> Processes { get; init; }

    /// <summary>Processes that are not listed are below this percentage of every constraint.</summary>
    internal required int UnlistedBelow { get; init; }

    /// <summary>The units that watches with <c>action: Restart</c> name.</summary>
    internal required IReadOnlyList<NamedUnit> Units { get; init; }

    /// <summary>Restarts that the evidence asks for.</summary>
    internal required IReadOnlyList<UnitWant> Wants { get; init; }

    /// <summary>The process still runs.</summary>
    internal required Func<ProcessReport, bool> IsAlive { get; init; }
}

/// <summary>A unit that a watch names.</summary>
internal sealed record NamedUnit(WatchReference Watch, string Unit);

/// <summary>A restart that the evidence of a watch asks for.</summary>
internal sealed record UnitWant
{
    internal required WatchReference Watch { get; init; }
    internal required string Unit { get; init; }
    internal required RestartPolicy Policy { get; init; }
    internal required int ActAtPercent { get; init; }

    /// <summary>The worst process, with the constraint that leads to the restart.</summary>
    internal required ProcessReport Process { get; init; }
    internal required ConstraintReport Constraint { get; init; }

    /// <summary>Why, in a sentence.</summary>
    internal required string Reason { get; init; }

    /// <summary>Reasons against it by the evaluation of the reading.</summary>
    internal required IReadOnlyList<BlockReason> BlockedBy { get; init; }

    /// <summary>The longest cooldown of all watches that may restart the unit.</summary>
    internal required TimeSpan Cooldown { get; init; }
    internal required string CooldownWatch { get; init; }
    internal bool IsDryRun { get; init; }

    internal bool IsOf(UnitWant other) =>
        Watch == other.Watch && string.Equals(Unit, other.Unit, StringComparison.Ordinal);
}
