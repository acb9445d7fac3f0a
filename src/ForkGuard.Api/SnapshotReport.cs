namespace ForkGuard.Api;

/// <summary>Memory for a save by a fork child: what a container has room for and what the save may need, in bytes.</summary>
public sealed record SnapshotReport
{
    /// <summary>Room of the tightest ancestor memory cgroup, at least.</summary>
    public long RoomBytes { get; init; }

    /// <summary>Page cache, slabs and swap by which the room can grow, at most; absent if there is none.</summary>
    public long? ReclaimableBytes { get; init; }

    /// <summary>The fork itself: page tables and the new process, at most.</summary>
    public long ForkCostBytes { get; init; }

    /// <summary>The fork and a copy of every anonymous page of the parent.</summary>
    public long WorstCaseBytes { get; init; }

    /// <summary>The most that an earlier save of this container has cost; absent before the first.</summary>
    public long? LearnedPeakBytes { get; init; }

    /// <summary>The fork child that saves now; absent without one.</summary>
    public int? ChildPid { get; init; }

    /// <summary>Seconds until the room is used up at the present growth, while a child saves that may not survive.</summary>
    public long? SecondsLeft { get; init; }

    /// <summary>
    /// Time for which the parent stands still during the fork, in microseconds: an estimate for an idle machine, its upper end.
    /// </summary>
    public long? ForkTimeMicroseconds { get; init; }

    /// <summary>An OOM kill ends the whole container, not one process (memory.oom.group).</summary>
    public bool? KillsContainer { get; init; }
}
