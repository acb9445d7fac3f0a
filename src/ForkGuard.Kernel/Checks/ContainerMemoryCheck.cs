using System.Diagnostics;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// ContainerMemory: the kernel kills somebody, or refuses with ENOMEM where nobody can be killed, if the fork itself
/// needs more than the room in some ancestor memory cgroup (mm/memcontrol.c <c>try_charge_memcg</c>). The limit of the
/// reading is the upper end of the room.
/// </summary>
/// <remarks>
/// While they keep a process below the level, reclaimable memory is at most a minute old, and page tables ten: they count with
/// one more for each page that the process has gained in RAM since. Both are read again before the process is reported.
/// </remarks>
internal sealed class ContainerMemoryCheck : IForkCheck
{
    public ConstraintType Type => ConstraintType.ContainerMemory;

    public bool IsOfNode => false;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        Debug.Assert(process is not null, "a cgroup is that of a process");
        reading = default;
        var isScan = context.LevelPercent > 0;
        NoteGrowth(context, process);
        if (isScan && IsBelowLevel(context, process))
        {
            return false;
        }

        var room = context.Memory.ReadCgroups(process.Memory, readsStat: true).ForKernelMemory;
        if (room.Limiting is null && room.Problem is null)
        {
            return false;
        }

        process.Memory.Cgroup?.Notes<MemoryNotes>().KeepReclaim(room, context.Now);
        var status = LivingProcessMemory.Read(context.Proc, process.Pid, out var memory, out var files);
        if (status is ReadStatus.Gone or ReadStatus.NoAddressSpace)
        {
            return false;
        }

        if (status != ReadStatus.Ok)
        {
            reading = Failed(room, $"status of process {process.Pid}: {status}");
            return true;
        }

        var mappings = isScan ? null : MappingCount.Read(files.Root, files.Id);
        var max = context.Memory.MaxMappings;
        var cost = ForkCost.Of(memory, mappings, max);
        process.KeepCost(cost, context.Now);
        reading = Evaluate(room, cost);
        if (reading.Refuses)
        {
            room = context.Memory.WithLateReclaim(room, process.Memory.Cgroup);
            reading = Evaluate(room, cost);
        }

        if (reading.Refuses)
        {
            // Of a virtual machine, a fork copies next to nothing.
            reading =
                context.Memory.ChargesKernelMemory(room.Limiting!)
                && context.Uncopied.Find(process, files, memory, context.Now, isScan) is { } uncopied
                    ? Evaluate(room, ForkCost.Of(memory, mappings, max, uncopied))
                    : reading with
                    {
                        Refuses = false,
                        IsBound = true,
                    };
        }

        if (reading.Refuses)
        {
            reading = reading with
            {
                Kills = !room.KillsNobody && OomVictims.Exist(context.Proc, process.Memory.Cgroup, process.Pid),
            };
        }

        return true;
    }

    /// <summary>Evaluates one process.</summary>
    /// <param name="room">Room by the limits above it.</param>
    /// <param name="cost">Cost of its fork.</param>
    internal static ConstraintReading Evaluate(in MemoryRoom room, in ForkCost cost)
    {
        var refuses = room.Limiting is not null && cost.LikelyBytes > Saturating.Add(room.Bytes.High, room.Uncertainty);
        if (!refuses && room.Problem is not null)
        {
            return Failed(room, room.Problem);
        }

        return Of(room) with
        {
            Used = cost.Bytes,
            Limit = room.Bytes.High,
            Refuses = refuses,
            Confidence = cost.MaxBytes <= room.Bytes.Low ? Confidence.Exact : Confidence.Estimate,
            Uncertainty = refuses ? room.Uncertainty : UncertaintyOf(room, cost),
            IsBound = !refuses,
        };
    }

    // A fork is certain where it fits without reclaim and swap, whatever the number of mappings. There may only be more room.
    private static ulong UncertaintyOf(in MemoryRoom room, in ForkCost cost) =>
        Saturating.Add(room.Bytes.High - room.Bytes.Low, cost.MaxBytes - cost.Bytes);

    private static void NoteGrowth(ScanContext context, ProcessFacts process)
    {
        var pages = process.TakeResidentGrowth();
        if (pages == 0 || process.Memory.Cgroup is not { } own)
        {
            return;
        }

        own.Notes<MemoryNotes>().RoomScan = 0;
        for (var cgroup = own; cgroup is not null; cgroup = cgroup.Parent)
        {
            if (!cgroup.Notes<MemoryNotes>().Memory.Grow(pages * (ulong)ProcRoot.PageSize, context.Cgroups.Scan))
            {
                context.Memory.EndFar();
            }
        }
    }

    private static bool IsBelowLevel(ScanContext context, ProcessFacts process)
    {
        if (process.Memory.Cgroup is not { } cgroup)
        {
            return process.Memory.Problem is null;
        }

        var notes = cgroup.Notes<MemoryNotes>();
        var kept = process.KeptCostBytes(context.Now);
        if (
            kept is { } known
            && IsBelow(known, notes.FarRoom(context.Now, context.Memory.FarVersion), context.LevelPercent)
        )
        {
            cgroup.Touch();
            return true;
        }

        if (notes.RoomScan != context.Cgroups.Scan)
        {
            notes.RoomScan = context.Cgroups.Scan;
            notes.Room = context.Memory.ReadCgroups(process.Memory, readsStat: false);
            notes.KeepFar(cgroup, context.Memory.FarVersion);
        }

        ref readonly var room = ref notes.Room;
        if (room.Limiting is null)
        {
            return room.Problem is null;
        }

        if (room.Problem is not null)
        {
            return false;
        }

        var available = Saturating.Add(room.Bytes.Low, notes.ReclaimBytes(context.Now));
        if (kept is { } cached && IsBelow(cached, available, context.LevelPercent))
        {
            return true;
        }

        if (ProcessMemory.Read(context.Proc, process.Pid, out var memory) != ReadStatus.Ok)
        {
            return false;
        }

        var cost = ForkCost.Of(memory);
        process.KeepCost(cost, context.Now);
        return IsBelow(cost.Bytes, available, context.LevelPercent);
    }

    private static bool IsBelow(ulong cost, ulong available, int levelPercent) =>
        (UInt128)cost * 100 < (UInt128)available * (uint)levelPercent;

    private static ConstraintReading Failed(in MemoryRoom room, string problem) =>
        Of(room) with
        {
            Problem = problem,
            Confidence = Confidence.Estimate,
        };

    private static ConstraintReading Of(in MemoryRoom room) =>
        new()
        {
            Type = ConstraintType.ContainerMemory,
            Unit = ConstraintUnit.Bytes,
            Scope = room.Limiting?.Scope ?? ConstraintScope.Cgroup,
            ScopeName = room.Limiting?.Path ?? "",
        };
}
