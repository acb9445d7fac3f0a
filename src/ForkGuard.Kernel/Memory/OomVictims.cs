using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Processes that an OOM kill may end: those whose oom_score_adj is not -1000 (mm/oom_kill.c <c>oom_badness</c>).
/// </summary>
internal static class OomVictims
{
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
        if (cgroup is null || cgroup.Read(MemoryFiles.Processes, buffer, out var text, out _) != CgroupReadStatus.Ok)
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

    /// <summary>
    /// A kill for the limit of <paramref name="limiting"/> (null: of the node) ends all processes of the container:
    /// memory.oom.group of the cgroup of the victim or of one from there up to the limiting one
    /// (<c>mem_cgroup_get_oom_group</c>).
    /// </summary>
    internal static bool AreWholeContainer(Cgroup? leaf, Cgroup? limiting)
    {
        for (var cgroup = leaf; cgroup is not null && cgroup.IsUnified; cgroup = cgroup.Parent)
        {
            var group = cgroup.Number(MemoryFiles.OomGroup);
            if (group.Status == CgroupReadStatus.Ok && group.Value == 1)
            {
                return true;
            }

            if (ReferenceEquals(cgroup, limiting))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>v1: oom_kill_disable is set, so that the limit of this cgroup kills nobody.</summary>
    internal static bool AreSpared(Cgroup limiting)
    {
        Span<byte> buffer = stackalloc byte[256];
        return !limiting.IsUnified
            && limiting.Read(MemoryFiles.LegacyOomControl, buffer, out var text, out _) == CgroupReadStatus.Ok
            && text.StartsWith("oom_kill_disable 1\n"u8);
    }

    private static bool CanBeKilled(ProcRoot proc, int pid)
    {
        Span<byte> buffer = stackalloc byte[32];
        return proc.TryRead(pid, "oom_score_adj"u8, buffer, out var text) == ReadStatus.Ok
            && !text.SequenceEqual("-1000\n"u8);
    }
}
