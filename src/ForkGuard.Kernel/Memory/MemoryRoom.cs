using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Memory that a process can still take before the kernel kills somebody, by all of its memory cgroups.
/// </summary>
public readonly record struct MemoryRoom
{
    /// <summary>
    /// Room in the tightest of the ancestors. The upper end needs the reclaim of page cache and slabs, and swap; the
    /// lower end needs neither.
    /// </summary>
    public ByteInterval Bytes { get; init; }

    /// <summary>The tightest ancestor with a limit; null if that is the node.</summary>
    public Cgroup? Limiting { get; init; }

    /// <summary>memory.max of <see cref="Limiting"/>, in bytes; 0 for the node.</summary>
    public ulong Limit { get; init; }

    /// <summary>v1: memory.memsw.limit_in_bytes of <see cref="Limiting"/>, in bytes; unlimited is <see cref="ulong.MaxValue"/>.</summary>
    internal ulong TotalLimit { get; init; }

    /// <summary>
    /// Room that the numbers do not show, in bytes: each CPU may hold a charge of 64 pages in advance, and gives it
    /// back at the limit (mm/memcontrol.c MEMCG_CHARGE_BATCH); v1 adds slabs that go with the page cache. 0 for the
    /// node.
    /// </summary>
    public ulong Uncertainty { get; init; }

    /// <summary>
    /// Room for kernel memory alone by memory.kmem.limit_in_bytes of v1, in bytes; null without one. The kernel ignores that limit from
    /// Linux 5.16 on, and shows none.
    /// </summary>
    internal ulong? KernelRoom { get; init; }

    /// <summary>The same for page tables and stacks: beyond the limit of kernel memory a fork gets ENOMEM, without reclaim.</summary>
    internal MemoryRoom ForKernelMemory =>
        KernelRoom is { } kernel && kernel < Bytes.High
            ? this with
            {
                Bytes = new ByteInterval(Math.Min(kernel, Bytes.Low), kernel),
                KillsNobody = true,
            }
            : this;

    /// <summary>Page cache of <see cref="Limiting"/> that has to be written before it is freed, in bytes.</summary>
    internal ulong Unwritten { get; init; }

    /// <summary>
    /// Some ancestor is above its memory.high: allocations are slowed down, and time left has no meaning.
    /// </summary>
    public bool IsThrottled { get; init; }

    /// <summary>
    /// An OOM kill for the limit of <see cref="Limiting"/> ends all processes of the container: memory.oom.group of the
    /// cgroup of the process, or of one from there up to the limiting one (<c>mem_cgroup_get_oom_group</c>).
    /// </summary>
    public bool KillsWholeContainer { get; init; }

    /// <summary>
    /// v1: oom_kill_disable is set for <see cref="Limiting"/>: a fork gets ENOMEM, and a write waits for ever.
    /// </summary>
    public bool KillsNobody { get; init; }

    /// <summary>
    /// Anonymous memory of the process's own cgroup, or of the nearest above it with the memory controller, in bytes; null if memory.stat
    /// was not read.
    /// </summary>
    public ulong? Anonymous { get; init; }

    /// <summary>Part of <see cref="Anonymous"/> in huge pages, in bytes.</summary>
    public ulong AnonymousHuge { get; init; }

    /// <summary>Reason for which some limit could not be read; null if all were.</summary>
    public string? Problem { get; init; }
}
