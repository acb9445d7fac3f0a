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

    /// <summary>
    /// RssAnon plus VmSwap of the child, in bytes: it shares no more with the parent. Null without a child, and if its status cannot be
    /// read.
    /// </summary>
    public ulong? ChildBytes { get; init; }

    /// <summary>
    /// Growth of the container's anonymous memory since the save began, in bytes: growth of other processes of the container counts too.
    /// </summary>
    public ulong TakenBytes { get; init; }

    /// <summary>
    /// Seconds until the room is used up at the growth of anonymous memory between the last two scans; null without
    /// a child or growth, above memory.high, which slows the growth down, and for a save that may survive in any case.
    /// </summary>
    public long? SecondsLeft { get; init; }

    /// <summary>
    /// Most that the fork of a save, or the rest of one that runs, can still take, in bytes. A page is copied only while parent and child
    /// share it (mm/memory.c <c>wp_page_copy</c>).
    /// </summary>
    public ulong RemainingBytes =>
        ChildPid == 0 ? Cost.WorstCaseBytes : Math.Min(Cost.CopyBytes, ChildBytes ?? ulong.MaxValue);

    /// <summary>
    /// Copy-on-write alone cannot use up the room, whatever the parent writes and nothing is reclaimed.
    /// </summary>
    public bool Survives => Room.Problem is null && RemainingBytes <= Room.Bytes.Low;

    /// <summary>
    /// Copy-on-write cannot use up the room if all growth since the save began was its own. Growth of other processes shortens the rest
    /// too far then, so that this proves nothing.
    /// </summary>
    public bool MaySurvive => Room.Problem is null && Saturating.Subtract(RemainingBytes, TakenBytes) <= Room.Bytes.Low;

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
