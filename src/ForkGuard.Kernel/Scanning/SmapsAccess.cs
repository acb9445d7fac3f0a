using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Reports whether smaps may be read, without reading it.</summary>
public static class SmapsAccess
{
    /// <summary>
    /// Opens /proc/PID/smaps and closes it again: the kernel checks the permission to trace on opening (fs/proc/task_mmu.c),
    /// and the process is not slowed down. Gone where there is no such process, or no such file.
    /// </summary>
    public static ReadStatus Probe(ProcRoot proc, int pid)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var fd = proc.Open(pid, "smaps"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        Libc.Close(fd);
        return ReadStatus.Ok;
    }
}
