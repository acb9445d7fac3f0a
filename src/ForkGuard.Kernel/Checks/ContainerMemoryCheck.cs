using System.Diagnostics;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// ContainerMemory: the kernel kills somebody, or refuses with ENOMEM where nobody can be killed, if the fork itself
/// needs more than the room in some ancestor memory cgroup (mm/memcontrol.c <c>try_charge_memcg</c>). The limit of the
/// reading is the upper end of the room.
/// </summary>
/// <remarks>
/// In a scan, page tables and reclaimable memory are at most a minute old while they keep a process below the level,
/// and are read again before it is reported.
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
        if (isScan && IsBelowLevel(context, process))
        {
            return false;
        }

        var room = context.Memory.ReadCgroups(process.Memory, readsStat: true);
        if (room.Limiting is null && room.Problem is null)
        {
            return false;
        }

        context.Memory.Kept.Keep(process.Memory.Cgroup, room, context.Now);
        var status = ProcessMemory.Read(context.Proc, process.Pid, out var memory);
        if (status is ReadStatus.Gone or ReadStatus.NoAddressSpace)
        {
            return false;
        }

        var cost = ForkCost.Of(memory, isScan ? null : MappingCount.Read(context.Proc, process.Pid));
        process.KeptCost = cost;
        process.KeptCostTime = context.Now;
        reading =
            status == ReadStatus.Ok ? Evaluate(room, cost) : Failed(room, $"status of process {process.Pid}: {status}");
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
            Uncertainty = room.Uncertainty,
            IsBound = !refuses,
        };
    }

    private static bool IsBelowLevel(ScanContext context, ProcessFacts process)
    {
        var room = context.Memory.ReadCgroups(process.Memory, readsStat: false);
        if (room.Limiting is null)
        {
            return room.Problem is null;
        }

        if (room.Problem is not null)
        {
            return false;
        }

        if (!KeptReclaim.IsFresh(process.KeptCostTime, context.Now))
        {
            if (ProcessMemory.Read(context.Proc, process.Pid, out var memory) != ReadStatus.Ok)
            {
                return false;
            }

            process.KeptCost = ForkCost.Of(memory);
            process.KeptCostTime = context.Now;
        }

        var available = Saturating.Add(room.Bytes.Low, context.Memory.Kept.Bytes(process.Memory.Cgroup, context.Now));
        return (UInt128)process.KeptCost.Bytes * 100 < (UInt128)available * (uint)context.LevelPercent;
    }

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
