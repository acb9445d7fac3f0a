using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>Kernel memory in memory cgroups: page tables, kernel stacks and slabs.</summary>
internal static class KernelMemory
{
    private const int MaxCommandLineBytes = 8 * 1024;

    /// <summary>
    /// The machine was started with <c>cgroup.memory=nokmem</c>: no cgroup is charged for kernel memory (mm/memcontrol.c
    /// <c>cgroup_memory</c>).
    /// </summary>
    internal static bool IsNeverCharged(ProcRoot proc)
    {
        Span<byte> buffer = stackalloc byte[MaxCommandLineBytes];
        if (proc.TryRead("cmdline"u8, buffer, out var text) != ReadStatus.Ok)
        {
            return false;
        }

        text = text.TrimEnd((byte)'\n');
        foreach (var range in text.Split((byte)' '))
        {
            if (text[range].StartsWith("cgroup.memory="u8) && Names(text[range]["cgroup.memory=".Length..], "nokmem"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// v1: the cgroup counts no kernel memory at all, as in a kernel without CONFIG_MEMCG_KMEM. Where it is counted, the stack of any thread is.
    /// </summary>
    internal static bool IsUncounted(Cgroup cgroup) =>
        !cgroup.IsUnified && cgroup.Number(MemoryFiles.LegacyKernelUsage) is { Status: CgroupReadStatus.Ok, Value: 0 };

    private static bool Names(ReadOnlySpan<byte> list, ReadOnlySpan<byte> name)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (list[range].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }
}
