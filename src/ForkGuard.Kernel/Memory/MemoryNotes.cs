using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Memory;

/// <summary>Memory of a cgroup and the room by its limits and those above it, as last read.</summary>
internal sealed class MemoryNotes : CgroupNotes
{
    private static readonly TimeSpan MaxReclaimAge = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _reclaimTime;
    private ulong _reclaim;
    private MemoryRoom _room;
    private KeptMemory _memory;
    private long _farUntilTicks;
    private long _farVersion;
    private ulong _farRoom;

    /// <summary>Scan of <see cref="Room"/>; 0 before the first.</summary>
    internal long RoomScan { get; set; }

    /// <summary>Room by limits and usage alone.</summary>
    internal ref MemoryRoom Room => ref _room;

    /// <summary>Memory and its limit in this cgroup alone.</summary>
    internal ref KeptMemory Memory => ref _memory;

    /// <summary>
    /// Keeps for a minute what reclaim and swap add to the room: memory.stat is too expensive for every scan, and this only keeps
    /// processes below a level.
    /// </summary>
    internal void KeepReclaim(in MemoryRoom room, DateTimeOffset now)
    {
        _reclaim = room.Bytes.High - room.Bytes.Low;
        _reclaimTime = now;
    }

    /// <summary>
    /// Keeps that this cgroup and all above it use less than half of their memory limits, as far as kept numbers show it.
    /// </summary>
    internal void KeepFar(Cgroup own, long version)
    {
        (_farUntilTicks, _farRoom, _farVersion) = (long.MaxValue, ulong.MaxValue, version);
        for (var cgroup = own; cgroup is not null; cgroup = cgroup.Parent)
        {
            ref readonly var memory = ref cgroup.Notes<MemoryNotes>().Memory;
            _farUntilTicks = Math.Min(_farUntilTicks, memory.UntilTicks);
            _farRoom = Math.Min(_farRoom, memory.LeastRoom);
        }
    }

    /// <summary>Returns a lower bound of the room while all of them do; 0 otherwise.</summary>
    internal ulong FarRoom(DateTimeOffset now, long version) =>
        now.UtcTicks < _farUntilTicks && version == _farVersion ? _farRoom : 0;

    internal override void Forget()
    {
        RoomScan = 0;
        _memory = default;
        _farUntilTicks = 0;
    }

    /// <summary>Bytes that reclaim and swap add; 0 if nothing was kept within the last minute.</summary>
    internal ulong ReclaimBytes(DateTimeOffset now) =>
        _reclaimTime is { } time && now - time < MaxReclaimAge ? _reclaim : 0;
}
