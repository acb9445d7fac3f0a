using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>One constraint of a process, a pod or a node. Its numbers are in <see cref="Unit"/>.</summary>
public sealed record ConstraintReport
{
    public OpenEnum<ConstraintType> Type { get; init; }
    public OpenEnum<ConstraintUnit> Unit { get; init; }
    public OpenEnum<ConstraintScope> Scope { get; init; }

    /// <summary>
    /// The cgroup or the uid that shares the constraint; absent for a process and the node. A report has a path of more than 256
    /// characters as <c>…</c>, 16 hexadecimal digits of its hash, <c>…</c> and its end.
    /// </summary>
    public string? ScopeName { get; init; }

    /// <summary>Usage against the limit; for <see cref="Confidence.UpperBound"/> the bound.</summary>
    public long Used { get; init; }

    /// <summary>The most that the kernel grants.</summary>
    public long Limit { get; init; }

    /// <summary>100 * used / limit, rounded down; above 100 where usage exceeds the limit.</summary>
    public int Percent { get; init; }

    public OpenEnum<Confidence> Confidence { get; init; }

    /// <summary>How far used minus limit can be off; absent where it is exact or unknown.</summary>
    public long? Uncertainty { get; init; }

    /// <summary>The kernel refuses a fork now; absent if it does not.</summary>
    public bool? Refuses { get; init; }

    /// <summary>Reason for which the constraint could not be read; its numbers are then 0.</summary>
    public string? Problem { get; init; }

    /// <summary>The part of <see cref="Used"/> that goes if this pod or process ends, for a shared scope (CommitCharge).</summary>
    public long? Own { get; init; }

    /// <summary>The part of <see cref="Used"/> that goes, at most, when the fork children of the node end (CommitCharge).</summary>
    public long? ForkChildren { get; init; }

    /// <summary>Growth of <see cref="Used"/> a minute; negative where it shrinks.</summary>
    public long? GrowthPerMinute { get; init; }

    /// <summary>Seconds until the limit at the present growth; absent without growth. For CopyOnWrite until the running save uses up the room.</summary>
    public long? SecondsToLimit { get; init; }

    /// <summary>
    /// Usage rose by more than a point of the limit since the process settled, or within the last hour. False for steady
    /// usage; absent while that is not known, as in the first minutes of a process. For CopyOnWrite true while a save grows that
    /// may use up the room, otherwise absent.
    /// </summary>
    public bool? Growing { get; init; }

    /// <summary>Usage once the process had settled after its start; absent before.</summary>
    public SettledReport? Settled { get; init; }

    /// <summary>The largest accountable mapping (LargestMapping, CommitCharge).</summary>
    public MappingReport? Mapping { get; init; }

    /// <summary>Processes that ended and were not reaped (Pids).</summary>
    public long? Zombies { get; init; }

    /// <summary>The process that does not reap them (Pids).</summary>
    public ZombieParentReport? ZombieParent { get; init; }

    /// <summary>Forks that the kernel refused for this constraint since the cgroup exists (Pids, from pids.events).</summary>
    public long? Refused { get; init; }
}

/// <summary>Usage at the time from which growth counts.</summary>
public sealed record SettledReport
{
    public DateTimeOffset Time { get; init; }
    public long Used { get; init; }
}

/// <summary>A process whose children stay zombies.</summary>
public sealed record ZombieParentReport
{
    public int Pid { get; init; }
    public string Command
    {
        get;
        init => field = value ?? "";
    } = "";
}
