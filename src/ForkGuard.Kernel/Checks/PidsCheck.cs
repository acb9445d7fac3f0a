using System.Diagnostics;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pids: a fork is refused with EAGAIN if some ancestor cgroup has <c>pids.current + 1 > pids.max</c>
/// (kernel/cgroup/pids.c <c>pids_can_fork</c>). The reading is that of the tightest ancestor.
/// </summary>
internal sealed class PidsCheck : IForkCheck
{
    private static readonly CgroupFile Max = new("pids.max");
    private static readonly CgroupFile Current = new("pids.current");

    public ConstraintType Type => ConstraintType.Pids;

    public bool IsOfNode => false;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        Debug.Assert(process is not null, "a cgroup is that of a process");
        if (process.Pids.Problem is { } problem)
        {
            reading = Failed(scope: null, problem);
            return true;
        }

        reading = default;
        if (process.Pids.Cgroup is not { } own)
        {
            return false;
        }

        var notes = own.Notes<PidsNotes>();
        if (notes.TasksOfPath.Holds(context))
        {
            own.Touch();
            return false;
        }

        if (notes.Scan != context.Cgroups.Scan)
        {
            notes.Scan = context.Cgroups.Scan;
            notes.Tightest = ReadTightest(context, own);
        }

        process.IsOutdated |= notes.IsGone;
        if (notes.Tightest is null)
        {
            return false;
        }

        reading = notes.Tightest.Value;
        return true;
    }

    private static ConstraintReading? ReadTightest(ScanContext context, Cgroup own)
    {
        ConstraintReading? tightest = null;
        var kept = KeptTasks.Nothing;
        for (var cgroup = own; cgroup is not null; cgroup = cgroup.Parent)
        {
            if (TryReadOne(context, cgroup, out var one) && (tightest is not { } other || IsTighter(one, below: other)))
            {
                tightest = one;
            }

            kept = kept.And(cgroup.Notes<PidsNotes>().Tasks);
        }

        own.Notes<PidsNotes>().TasksOfPath = kept;
        return tightest;
    }

    /// <summary>
    /// A refusal is proof whatever could not be read elsewhere; otherwise what could not be read might refuse.
    /// </summary>
    private static bool IsTighter(in ConstraintReading one, in ConstraintReading below)
    {
        if (one.Refuses != below.Refuses)
        {
            return one.Refuses;
        }

        if (one.Problem is null != below.Problem is null)
        {
            return one.Problem is not null == !below.Refuses;
        }

        // Tasks that end between the two reads make an ancestor with the same or a lower limit look less full.
        return (one.Problem is null && one.Limit <= below.Limit) || one.Percent > below.Percent;
    }

    private static bool TryReadOne(ScanContext context, Cgroup cgroup, out ConstraintReading reading)
    {
        reading = default;
        var notes = cgroup.Notes<PidsNotes>();
        if (notes.Tasks.Holds(context))
        {
            cgroup.Touch();
            return false;
        }

        notes.Tasks = default;
        var max = cgroup.Number(Max);
        // The tasks of the node bound those of each cgroup.
        var isOutOfReach = max.IsLimit && context.Node.StaysBelow(context.LevelPercent, max.Value);
        max = isOutOfReach
            ? cgroup.Limit(Max, isKept: true)
            : cgroup.Limit(Max, Current, isFresh: context.LevelPercent == 0);
        notes.IsGone = max.Status == CgroupReadStatus.Gone;
        if (max.Status == CgroupReadStatus.Failed)
        {
            reading = Failed(cgroup, $"pids.max of {cgroup.Path}: {max.Problem}");
            return true;
        }

        if (!max.IsLimit || isOutOfReach)
        {
            var most = max.IsLimit ? context.Node.Tasks : 0;
            notes.Tasks = max.Status is CgroupReadStatus.Ok or CgroupReadStatus.Absent ? Keep(most, max) : default;
            return false;
        }

        var current = cgroup.Number(Current);
        if (current.Status == CgroupReadStatus.Gone)
        {
            return false;
        }

        if (!current.IsLimit)
        {
            reading = Failed(cgroup, $"pids.current of {cgroup.Path}: {current.Problem ?? "it does not exist"}");
            return true;
        }

        notes.Tasks = Keep(current.Value, max);
        reading = Of(cgroup) with { Used = current.Value, Limit = max.Value, Refuses = current.Value >= max.Value };
        return true;

        KeptTasks Keep(ulong used, in CgroupNumber limit) =>
            KeptTasks.Of(context, used, limit.IsLimit ? limit.Value : ulong.MaxValue, cgroup.KeptUntil);
    }

    private static ConstraintReading Failed(Cgroup? scope, string problem) => Of(scope) with { Problem = problem };

    private static ConstraintReading Of(Cgroup? cgroup) =>
        new()
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = cgroup?.Scope ?? ConstraintScope.Cgroup,
            ScopeName = cgroup?.Path ?? "",
            Confidence = Confidence.Exact,
        };
}
