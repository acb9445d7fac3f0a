using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// Checks that the numbers a verdict rests on are the kernel's. In a container lxcfs may put files of its own over
/// /proc/meminfo, with the container's memory, while the kernel counts that of the machine.
/// </summary>
internal static class ProcTrust
{
    /// <summary>
    /// Returns the reason not to trust a /proc, null if there is none: a file of it is not on a procfs (fstatfs(2)), or
    /// MemTotal is not what sysinfo(2) gives. A captured tree is what its reader asked for, and is not checked.
    /// </summary>
    /// <param name="proc">The /proc that is read.</param>
    /// <param name="memTotal">Bytes, as /proc/meminfo gave them a moment ago.</param>
    internal static string? FindProblem(ProcRoot proc, ulong memTotal) =>
        proc.IsLive
            ? FindForeign(proc, "meminfo"u8)
                ?? FindForeign(proc, "sys/vm/overcommit_memory"u8)
                ?? FindForeign(proc, "sys/vm/overcommit_kbytes"u8)
                ?? FindForeign(proc, "sys/vm/overcommit_ratio"u8)
                ?? FindForeign(proc, "sys/vm/admin_reserve_kbytes"u8)
                ?? FindForeign(proc, "sys/vm/user_reserve_kbytes"u8)
                ?? CompareMemory(proc, memTotal)
            : null;

    private static string? FindForeign(ProcRoot proc, ReadOnlySpan<byte> name)
    {
        var fd = proc.Open(name);
        if (fd < 0)
        {
            // Some kernels do not have it, and who needs it reports that.
            return null;
        }

        var isOnProcfs = Libc.IsOnProcfs(fd);
        Libc.Close(fd);
        return isOnProcfs ? null : Foreign(proc, name);
    }

    /// <summary>The reason not to trust a file that is not on a procfs.</summary>
    internal static string Foreign(ProcRoot proc, ReadOnlySpan<byte> name) =>
        $"{proc.Path}/{Encoding.UTF8.GetString(name)} is not the kernel's: another file is mounted over it";

    private static string? CompareMemory(ProcRoot proc, ulong memTotal)
    {
        var ram = Libc.TotalRam();
        if (ram == 0 || ram == memTotal)
        {
            return null;
        }

        // A balloon or hot-plug may move it between the two reads.
        Span<byte> buffer = stackalloc byte[8192];
        var isSame =
            proc.TryRead("meminfo"u8, buffer, out var text) != ReadStatus.Ok
            || !Meminfo.TryParse(text, out var again)
            || again.MemTotal != memTotal
            || Libc.TotalRam() != ram;
        return isSame
            ? null
            : $"{proc.Path}/meminfo has {memTotal / 1024} kB of memory in total, the system call sysinfo {ram / 1024} kB";
    }
}
