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

    /// <summary>Memory of the process.</summary>
    internal ProcessMemory Memory { get; init; }

    /// <summary>How far the anonymous memory of the process can be off, in bytes.</summary>
    internal ulong CounterError { get; init; }

    /// <summary>Memory of the child that saves; null without one, and where it cannot be read.</summary>
    internal ProcessMemory? ChildMemory { get; init; }

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
    /// a child or growth, above memory.high, which slows the growth down, and for a save that survives if the kernel reclaims what it can.
    /// </summary>
    public long? SecondsLeft { get; init; }

    /// <summary>
    /// Anonymous memory that the process still shares with its child, in bytes: only that can be copied. Null without a child, and where
    /// it is not known.
    /// </summary>
    public ulong? SharedBytes { get; init; }

    /// <summary>Most that the fork of a save, or the rest of one that runs, can still take, in bytes.</summary>
    public ulong RemainingBytes => ChildPid == 0 ? MostBytes : SharedBytes ?? MostBytes;

    /// <summary>
    /// Copy-on-write alone cannot use up the room, whatever the parent writes and nothing is reclaimed.
    /// </summary>
    public bool Survives => Room.Problem is null && RemainingBytes <= Room.Bytes.Low;

    /// <summary>The same if the kernel reclaims what it can.</summary>
    internal bool MaySurvive => Room.Problem is null && RemainingBytes <= Room.Bytes.High;

    // Other processes of the cgroup may have taken some of it, and both numbers have an error.
    private bool IsCertain =>
        Room.Problem is null
        && Room.Limiting is not null
        && Saturating.Add(Saturating.Add(MostBytes, CounterError), Room.Uncertainty) <= Room.Bytes.Low;

    private ulong MostBytes => ChildPid == 0 ? Cost.WorstCaseBytes : Cost.AnonymousBytes;

    /// <summary>
    /// The reading of <see cref="ConstraintType.CopyOnWrite"/>: the peak that was learned, the worst case at most,
    /// against the room with what the running save has taken. It never refuses.
    /// </summary>
    public ConstraintReading ToConstraint() =>
        new()
        {
            Type = ConstraintType.CopyOnWrite,
            Unit = ConstraintUnit.Bytes,
            Scope = Room.Limiting?.Scope ?? ConstraintScope.Node,
            ScopeName = Room.Limiting?.Path ?? "",
            // The peak includes growth of other processes of the container meanwhile: a save costs no more than its worst case.
            Used = Math.Min(LearnedPeakBytes ?? ulong.MaxValue, Cost.WorstCaseBytes),
            Limit = Saturating.Add(Room.Bytes.High, TakenBytes),
            // MemAvailable of the node is the kernel's own estimate.
            Confidence = IsCertain ? Confidence.Exact : Confidence.Estimate,
            Uncertainty = Room.Uncertainty,
            IsBound = LearnedPeakBytes is null,
            SecondsToLimit = SecondsLeft,
            Problem = Room.Problem,
        };
}
