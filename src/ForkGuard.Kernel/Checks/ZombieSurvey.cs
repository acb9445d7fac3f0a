using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Finds the zombies of a cgroup. cgroup.procs leaves them out (kernel/cgroup/cgroup.c <c>css_task_iter_advance</c>),
/// so
/// all processes are read; cgroup v1 shows the cgroup of a zombie as the root, and then that of its parent decides.
/// </summary>
internal sealed class ZombieSurvey(ScanContext context)
{
    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>Counts zombies of the cgroup and of those below it by the pid of their parent.</summary>
    internal Dictionary<int, int> Count(Cgroup limiting)
    {
        var counts = new Dictionary<int, int>();
        var isInside = new Dictionary<int, bool>();
        using var pids = new PidList(context.Proc);
        foreach (var pid in pids.Read())
        {
            if (TryReadZombie(pid, out var parent) && IsInside(pid, parent, limiting, isInside))
            {
                counts[parent] = counts.GetValueOrDefault(parent) + 1;
            }
        }

        return counts;
    }

    private bool TryReadZombie(int pid, out int parent)
    {
        parent = 0;
        if (
            context.Proc.TryRead(pid, "stat"u8, _buffer, out var text) != ReadStatus.Ok
            || !ProcessStat.TryParse(text, out var stat)
            || !stat.IsZombie
        )
        {
            return false;
        }

        parent = stat.Parent;
        return StatusFile.Read(context.Proc, pid, ref _buffer, out var status) == ReadStatus.Ok && status.HasEnded;
    }

    private bool IsInside(int pid, int parent, Cgroup limiting, Dictionary<int, bool> known)
    {
        if (limiting.IsUnified)
        {
            return IsInside(pid, limiting);
        }

        if (!known.TryGetValue(parent, out var isInside))
        {
            isInside = IsInside(parent, limiting);
            known.Add(parent, isInside);
        }

        return isInside;
    }

    private bool IsInside(int pid, Cgroup limiting)
    {
        if (context.Proc.TryRead(pid, "cgroup"u8, _buffer, out var text) != ReadStatus.Ok)
        {
            return false;
        }

        var cgroup = context.Cgroups.Locate(text, CgroupController.Pids).Cgroup;
        while (cgroup is not null && !ReferenceEquals(cgroup, limiting))
        {
            cgroup = cgroup.Parent;
        }

        return cgroup is not null;
    }
}
