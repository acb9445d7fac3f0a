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
    /// Returns the reason not to trust the memory of a live /proc, null if there is none: MemTotal is not what sysinfo(2) gives.
    /// </summary>
    /// <param name="proc">The /proc that is read. A captured tree is what its reader asked for, and is not checked.</param>
    /// <param name="memTotal">Bytes, as /proc/meminfo gave them a moment ago.</param>
    internal static string? FindProblem(ProcRoot proc, ulong memTotal) =>
        proc.IsLive ? CompareMemory(proc, memTotal) : null;

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
