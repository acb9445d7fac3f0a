using ForkGuard.Kernel.Memory;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// What the checks found for a cgroup and all above it, so that the processes that share it cost one evaluation a scan.
/// </summary>
internal sealed class CgroupNotes
{
    private static readonly TimeSpan MaxReclaimAge = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _reclaimTime;
    private ulong _reclaim;
    private MemoryRoom _room;

    /// <summary>Scan of the pids limits; 0 before the first.</summary>
    internal long PidsScan { get; set; }

    /// <summary>The tightest pids limit; null without one, and below the level.</summary>
    internal ConstraintReading? Pids { get; set; }

    internal bool IsGone { get; set; }

    /// <summary>Scan of <see cref="Room"/>; 0 before the first.</summary>
    internal long RoomScan { get; set; }

    /// <summary>Room by limits and usage alone.</summary>
    internal ref MemoryRoom Room => ref _room;

    /// <summary>
    /// Keeps for a minute what reclaim and swap add to the room: memory.stat is too expensive for every scan, and this only keeps
    /// processes below a level.
    /// </summary>
    internal void KeepReclaim(in MemoryRoom room, DateTimeOffset now)
    {
        _reclaim = room.Bytes.High - room.Bytes.Low;
        _reclaimTime = now;
    }

    /// <summary>Bytes that reclaim and swap add; 0 if nothing was kept within the last minute.</summary>
    internal ulong ReclaimBytes(DateTimeOffset now) =>
        _reclaimTime is { } time && now - time < MaxReclaimAge ? _reclaim : 0;
}
