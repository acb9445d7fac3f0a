using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Attribution;

/// <summary>Cgroups of the processes that a scan reports. Not for several threads at once.</summary>
internal sealed class OwnerCache(ProcRoot proc)
{
    /// <summary>A runtime starts a process before it moves it.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(45);

    private readonly Dictionary<ProcessIdentity, Known> _known = [];
    private DateTimeOffset _now;
    private long _scan;

    internal void Begin(DateTimeOffset now)
    {
        _now = now;
        _scan++;
    }

    /// <summary>Forgets the processes that this scan has not asked for.</summary>
    internal void End()
    {
        foreach (var (identity, known) in _known)
        {
            if (known.Scan != _scan)
            {
                _known.Remove(identity);
            }
        }
    }

    /// <summary>False if the process has ended, or another one has its pid by now: it belongs to nobody.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="startTime">Its start in clock ticks; 0 if the scan could not read it.</param>
    /// <param name="owner">Command and cgroup of this very process.</param>
    internal bool TryFind(int pid, ulong startTime, out ProcessOwner owner)
    {
        var identity = new ProcessIdentity(pid, KernelConversion.Signed(startTime));
        if (startTime != 0 && _known.TryGetValue(identity, out var known) && !known.IsDue(_now))
        {
            _known[identity] = known with { Scan = _scan };
            owner = known.Owner;
            return true;
        }

        if (!ProcessOwner.TryRead(proc, pid, out owner) || (startTime != 0 && owner.StartTime != startTime))
        {
            return false;
        }

        identity = identity with { StartTime = KernelConversion.Signed(owner.StartTime) };
        var reads = _known.TryGetValue(identity, out var before) ? before.Reads + 1 : 1;
        _known[identity] = new Known(owner, _now, reads, _scan);
        return true;
    }

    /// <summary>A number for the pod of a process, for budgets; 0 for a process of the host and one that has ended.</summary>
    internal ulong PodNumberOf(int pid) =>
        CgroupMembership.Read(proc, pid).Pod is { } pod
            ? (ulong)(uint)StringComparer.Ordinal.GetHashCode(pod.Uid) + 1
            : 0;

    private readonly record struct Known(ProcessOwner Owner, DateTimeOffset ReadTime, int Reads, long Scan)
    {
        internal bool IsDue(DateTimeOffset now) =>
            now < ReadTime || now - ReadTime >= (Reads <= 1 ? FirstInterval : Interval);
    }
}
