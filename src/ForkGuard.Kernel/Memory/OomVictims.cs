using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Memory;

/// <summary>Processes that an OOM kill may end: those whose oom_score_adj is not -1000 (mm/oom_kill.c <c>oom_badness</c>).</summary>
internal static class OomVictims
{
    private static readonly CgroupFile Processes = new("cgroup.procs");

    /// <summary>
    /// Some process of the cgroup can be killed, the given one included. Of a large cgroup the first few hundred count,
    /// cgroups below it do not. True if it cannot be read.
    /// </summary>
    internal static bool Exist(ProcRoot proc, Cgroup? cgroup, int pid)
    {
        if (CanBeKilled(proc, pid))
        {
            return true;
        }

        Span<byte> buffer = stackalloc byte[4096];
        if (cgroup is null || cgroup.Read(Processes, buffer, out var text, out _) != CgroupReadStatus.Ok)
        {
            return true;
        }

        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (
                Ascii.TryParseOnlyNumber(line, out var other)
                && other is > 0 and <= int.MaxValue
                && CanBeKilled(proc, (int)other)
            )
            {
                return true;
            }
        }

        return false;
    }

    private static bool CanBeKilled(ProcRoot proc, int pid)
    {
        Span<byte> buffer = stackalloc byte[32];
        return proc.TryRead(pid, "oom_score_adj"u8, buffer, out var text) == ReadStatus.Ok
            && !text.SequenceEqual("-1000\n"u8);
    }
}
