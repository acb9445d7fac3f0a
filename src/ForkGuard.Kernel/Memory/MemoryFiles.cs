using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Memory;

/// <summary>Files of memory cgroups, of v2 and of v1.</summary>
internal static class MemoryFiles
{
    internal static readonly CgroupFile Max = new("memory.max");
    internal static readonly CgroupFile Current = new("memory.current");
    internal static readonly CgroupFile High = new("memory.high");
    internal static readonly CgroupFile Min = new("memory.min");
    internal static readonly CgroupFile OomGroup = new("memory.oom.group");
    internal static readonly CgroupFile SwapMax = new("memory.swap.max");
    internal static readonly CgroupFile SwapCurrent = new("memory.swap.current");
    internal static readonly CgroupFile Processes = new("cgroup.procs");
    internal static readonly CgroupFile Stat = new("memory.stat");

    internal static readonly CgroupFile LegacyLimit = new("memory.limit_in_bytes", CgroupFile.UnlimitedMemory);
    internal static readonly CgroupFile LegacyUsage = new("memory.usage_in_bytes");
    internal static readonly CgroupFile LegacyTotalLimit = new(
        "memory.memsw.limit_in_bytes",
        CgroupFile.UnlimitedMemory
    );
    internal static readonly CgroupFile LegacyTotalUsage = new("memory.memsw.usage_in_bytes");
    internal static readonly CgroupFile LegacyKernelLimit = new(
        "memory.kmem.limit_in_bytes",
        CgroupFile.UnlimitedMemory
    );
    internal static readonly CgroupFile LegacyKernelUsage = new("memory.kmem.usage_in_bytes");
    internal static readonly CgroupFile LegacySwappiness = new("memory.swappiness");
    internal static readonly CgroupFile LegacyOomControl = new("memory.oom_control");
}
