using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Zombies of the machine and their cgroups. cgroup.procs leaves them out (kernel/cgroup/cgroup.c
/// <c>css_task_iter_advance</c>), so all processes are read, at most once a scan; cgroup v1 shows the cgroup of a zombie as the
/// root, and then that of its parent decides.
/// </summary>
internal sealed class ZombieSurvey(ProcRoot proc, CgroupRoot cgroups)
{
    private readonly List<(int Parent, Cgroup Cgroup)> _zombies = [];
    private readonly Dictionary<int, Cgroup?> _ofParents = [];
    private byte[] _buffer = new byte[16 * 1024];
    private bool _isRead;

    /// <summary>Counts zombies of the cgroup and of those below it by the pid of their parent.</summary>
    internal Dictionary<int, int> Count(Cgroup limiting)
    {
        EnsureRead();
        var counts = new Dictionary<int, int>();
        foreach (var (parent, cgroup) in _zombies)
        {
            if (IsInside(cgroup, limiting))
            {
                counts[parent] = counts.GetValueOrDefault(parent) + 1;
            }
        }

        return counts;
    }

    internal void Forget() => _isRead = false;

    private void EnsureRead()
    {
        if (_isRead)
        {
            return;
        }

        _isRead = true;
        _zombies.Clear();
        _ofParents.Clear();
        using var pids = new PidList(proc);
        foreach (var pid in pids.Read())
        {
            if (TryReadZombie(pid, out var parent) && Find(pid, parent) is { } cgroup)
            {
                _zombies.Add((parent, cgroup));
            }
        }
    }

    private bool TryReadZombie(int pid, out int parent)
    {
        parent = 0;
        if (
            proc.TryRead(pid, "stat"u8, _buffer, out var text) != ReadStatus.Ok
            || !ProcessStat.TryParse(text, out var stat)
            || !stat.IsZombie
        )
        {
            return false;
        }

        parent = stat.Parent;
        return StatusFile.Read(proc, pid, ref _buffer, out var status) == ReadStatus.Ok && status.HasEnded;
    }

    private Cgroup? Find(int pid, int parent)
    {
        var own = Locate(pid);
        if (own is null or { IsUnified: true })
        {
            return own;
        }

        if (!_ofParents.TryGetValue(parent, out var ofParent))
        {
            ofParent = Locate(parent);
            _ofParents.Add(parent, ofParent);
        }

        return ofParent;
    }

    private Cgroup? Locate(int pid) =>
        proc.TryReadAll(pid, "cgroup"u8, _buffer, out var text) == ReadStatus.Ok
            ? cgroups.Locate(text, CgroupController.Pids).Cgroup
            : null;

    private static bool IsInside(Cgroup? cgroup, Cgroup limiting)
    {
        while (cgroup is not null && !ReferenceEquals(cgroup, limiting))
        {
            cgroup = cgroup.Parent;
        }

        return cgroup is not null;
    }
}
