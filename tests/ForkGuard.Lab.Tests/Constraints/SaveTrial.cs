using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>A program that saves by forking, in a container with a memory limit.</summary>
internal sealed record SaveCase(string Description, GuestContainer Container, GuestSaver Saver)
{
    /// <summary>The child was forked before the verdict, so that the room is without the fork's cost.</summary>
    internal bool HasChild { get; init; }

    /// <summary>The room is an interval in which the kernel may kill anywhere; otherwise it kills at the upper end.</summary>
    internal bool IsInterval { get; init; }

    /// <summary>Limits the container to the worst case that the verdict names.</summary>
    internal bool IsLimitedToWorstCase { get; init; }
}

/// <summary>A prediction compared with the page at which the kernel killed the process that wrote while its child lived.</summary>
/// <param name="Machine">Where it was tried.</param>
/// <param name="Case">The process and its limits.</param>
/// <param name="Verdict">The output of check before.</param>
/// <param name="TotalBytes">Memory that the process writes to if it is not killed.</param>
/// <param name="RewrittenBytes">Memory that it wrote to.</param>
/// <param name="IsKilled">It was killed before it wrote to everything.</param>
/// <param name="BatchBytes">Charges that all CPUs together may hold in advance.</param>
internal sealed record SaveTrial(
    string Machine,
    SaveCase Case,
    ConstraintVerdict Verdict,
    long TotalBytes,
    long RewrittenBytes,
    bool IsKilled,
    long BatchBytes
)
{
    private ListedSnapshot Snapshot => Verdict.Snapshot!;

    /// <summary>Room for copies where the kernel reclaims nothing.</summary>
    private long Low =>
        Case.IsLimitedToWorstCase ? Snapshot.WorstCaseBytes - Snapshot.ForkCostBytes
        : Case.HasChild ? Snapshot.RoomBytes
        : Math.Max(0, Snapshot.RoomBytes - Snapshot.ForkCostBytes);

    private long High => Case.IsLimitedToWorstCase ? Low : Low + Snapshot.ReclaimableBytes;

    /// <summary>Room for a copy of every page, outside the error of both numbers: then nothing may be killed.</summary>
    private bool HasRoomForAll =>
        Case.IsLimitedToWorstCase
        || Snapshot.RoomBytes
            >= Snapshot.WorstCaseBytes - (Case.HasChild ? Snapshot.ForkCostBytes : 0) + (2 * BatchBytes);

    /// <summary>Bytes between the page of the kill and the nearest predicted one; 0 for a process that was not killed.</summary>
    internal long ErrorBytes =>
        !IsKilled ? 0
        : RewrittenBytes > High ? RewrittenBytes - High
        : Case.IsInterval ? Math.Max(0, Low - RewrittenBytes)
        : High - RewrittenBytes;

    // A process that was not killed wrote to everything: there was room for that.
    internal bool IsWrong => IsKilled ? HasRoomForAll || ErrorBytes > BatchBytes : TotalBytes - High > BatchBytes;

    internal string Describe() =>
        $"{Machine}, {Case.Description}: {(IsKilled ? "killed" : "not killed")} after {RewrittenBytes >> 10} of {TotalBytes >> 10} KiB, predicted {Low >> 10} to {High >> 10} KiB, within {BatchBytes >> 10}; {Verdict.Text}";
}
