namespace ForkGuard.Kernel.Memory;

/// <summary>
/// One memory cgroup with a limit, as read. All sizes in bytes; <see cref="ulong.MaxValue"/> means unlimited.
/// </summary>
internal readonly record struct MemoryLevel
{
    public MemoryLevel() { }

    /// <summary>memory.max, or memory.limit_in_bytes of v1.</summary>
    internal ulong Limit { get; init; }

    /// <summary>memory.current, or memory.usage_in_bytes of v1: kernel memory included.</summary>
    internal ulong Usage { get; init; }

    /// <summary>v1: memory.memsw.limit_in_bytes, for memory and swap together.</summary>
    internal ulong TotalLimit { get; init; } = ulong.MaxValue;

    /// <summary>v1: memory.memsw.usage_in_bytes.</summary>
    internal ulong TotalUsage { get; init; }

    /// <summary>
    /// Part of <see cref="Usage"/> that memory.min of a cgroup below protects from reclaim for this limit.
    /// </summary>
    internal ulong Protected { get; init; }

    /// <summary>memory.stat; null if it was not read.</summary>
    internal MemoryStat? Stat { get; init; }

    /// <summary>
    /// Memory that the processes of the cgroup can still take before the kernel kills: between no reclaim at all, and
    /// the reclaim of all page cache that needs no writing, with swap (mm/memcontrol.c <c>try_charge_memcg</c>).
    /// Without memory.stat, the upper end takes all memory that is not protected as reclaimable.
    /// </summary>
    /// <param name="swap">Bytes that the cgroup may still swap out.</param>
    internal ByteInterval Room(ulong swap)
    {
        var unprotected = Saturating.Subtract(Usage, Protected);
        var reclaimable = Math.Min(Stat?.Reclaimable ?? unprotected, unprotected);
        var low = Saturating.Subtract(Limit, Usage);
        var high = Saturating.Subtract(Saturating.Add(Saturating.Add(Limit, reclaimable), swap), Usage);
        return new ByteInterval(
            Math.Min(low, Saturating.Subtract(TotalLimit, TotalUsage)),
            Math.Min(high, Saturating.Subtract(Saturating.Add(TotalLimit, reclaimable), TotalUsage))
        );
    }
}
