using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>A process and the cgroup that it is in, read so that both belong to the same process.</summary>
/// <param name="StartTime">Clock ticks since boot, proc_pid_stat(5) field 22.</param>
/// <param name="Command">The kernel's name of the process, decoded as UTF-8; it may hold any character.</param>
/// <param name="Membership">Pod or unit of the process.</param>
public readonly record struct ProcessOwner(ulong StartTime, string Command, CgroupMembership Membership)
{
    /// <summary>
    /// Reads the cgroup first and the identity after it: while a process lives its pid is not used again. False for a process
    /// that has ended, also for a zombie, which cgroup v1 moves to the root.
    /// </summary>
    public static bool TryRead(ProcRoot proc, int pid, out ProcessOwner owner)
    {
        ArgumentNullException.ThrowIfNull(proc);
        owner = default;
        var membership = CgroupMembership.Read(proc, pid);
        Span<byte> buffer = stackalloc byte[1024];
        if (
            proc.TryRead(pid, "stat"u8, buffer, out var text) != ReadStatus.Ok
            || !ProcessStat.TryParse(text, out var stat)
        )
        {
            return false;
        }

        if (stat.IsZombie)
        {
            var thread = LivingThread.Find(proc, pid, out _);
            if (thread == 0)
            {
                return false;
            }

            membership = CgroupMembership.Read(proc, pid, thread);
        }

        owner = new ProcessOwner(stat.StartTime, Encoding.UTF8.GetString(stat.Command), membership);
        return true;
    }
}
