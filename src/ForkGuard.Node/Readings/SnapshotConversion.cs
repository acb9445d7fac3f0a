using ForkGuard.Api;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Snapshots;
using static ForkGuard.Node.Readings.KernelConversion;

namespace ForkGuard.Node.Readings;

/// <summary>Converts the memory of a save to a record of the API.</summary>
internal static class SnapshotConversion
{
    internal static SnapshotReport ToReport(this in SnapshotReading reading) =>
        new()
        {
            RoomBytes = Signed(reading.Room.Bytes.Low),
            ReclaimableBytes = Reclaimable(reading.Room.Bytes),
            ForkCostBytes = Signed(reading.Cost.Bytes),
            WorstCaseBytes = Signed(reading.Cost.WorstCaseBytes),
            LearnedPeakBytes = reading.LearnedPeakBytes is { } peak ? Signed(peak) : null,
            ChildPid = reading.ChildPid > 0 ? reading.ChildPid : null,
            SecondsLeft = reading.SecondsLeft,
            ForkTimeMicroseconds = (long)reading.ForkTime.Longest.TotalMicroseconds,
            KillsContainer = reading.Room.KillsWholeContainer ? true : null,
        };

    /// <summary>Returns what reclaim and swap add to a room at most; null for nothing.</summary>
    internal static long? Reclaimable(ByteInterval room) => room.High > room.Low ? Signed(room.High - room.Low) : null;
}
