using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;

namespace ForkGuard.Kernel.Snapshots;

/// <summary>A program that saves by forking: whether a save survives the copy-on-write of its parent.</summary>
public readonly record struct SnapshotReading
{
    public int Pid { get; init; }

    /// <summary>Clock ticks since boot.</summary>
    public ulong StartTime { get; init; }

    public MemoryRoom Room { get; init; }

    public ForkCost Cost { get; init; }

    public ForkTime ForkTime { get; init; }

    /// <summary>
    /// Most anonymous memory that a save of this process has taken, in bytes; null before the first that was seen.
    /// </summary>
    public ulong? LearnedPeakBytes { get; init; }

    /// <summary>The child that saves now; 0 without one.</summary>
    public int ChildPid { get; init; }

    /// <summary>Anonymous memory that the save that runs has taken so far, in bytes.</summary>
    public ulong TakenBytes { get; init; }

    /// <summary>
    /// Seconds until the room is used up at the growth of anonymous memory between the last two scans; null without
    /// a child or growth, above memory.high, which slows the growth down, and for a save that survives in any case.
    /// </summary>
    public long? SecondsLeft { get; init; }

    /// <summary>Most that the fork of a save, or the rest of one that runs, can still take, in bytes.</summary>
    public ulong RemainingBytes =>
        ChildPid == 0
            ? Cost.WorstCaseBytes
            : Saturating.Subtract(Saturating.Subtract(Cost.WorstCaseBytes, Cost.Bytes), TakenBytes);

    /// <summary>
    /// Copy-on-write alone cannot use up the room, whatever the parent writes and nothing is reclaimed. That includes the error of the room
    /// and that of the parent's memory: pages that its threads, or CPUs, have not counted yet.
    /// </summary>
    public bool Survives =>
        Room.Problem is null
        && Saturating.Add(
            Saturating.Add(RemainingBytes, Room.Uncertainty),
            Room.Limiting is null ? 0 : Math.Max(Room.Uncertainty, Cost.UncountedBytes)
        ) <= Room.Bytes.Low;

    /// <summary>
    /// The reading of <see cref="ConstraintType.CopyOnWrite"/>: the peak that was learned, otherwise the worst case,
    /// against the room with what the running save has taken. It never refuses.
    /// </summary>
    public ConstraintReading ToConstraint() =>
        new()
        {
            Type = ConstraintType.CopyOnWrite,
            Unit = ConstraintUnit.Bytes,
            Scope = Room.Limiting?.Scope ?? ConstraintScope.Node,
            ScopeName = Room.Limiting?.Path ?? "",
            Used = LearnedPeakBytes ?? Cost.WorstCaseBytes,
            Limit = Saturating.Add(Room.Bytes.High, TakenBytes),
            // MemAvailable of the node is the kernel's own estimate.
            Confidence = Survives && Room.Limiting is not null ? Confidence.Exact : Confidence.Estimate,
            Uncertainty = Room.Uncertainty,
            IsBound = LearnedPeakBytes is null,
            Problem = Room.Problem,
        };
}
