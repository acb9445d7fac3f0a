using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Memory that a fork takes before it returns, which the kernel charges to the memory cgroup of the process
/// (kernel/fork.c <c>dup_mm</c>, mm/memory.c <c>copy_page_range</c>), in bytes.
/// </summary>
public readonly record struct ForkCost
{
    // task_struct, kernel stack, mm_struct, top page table, signals: measured 68 to 88 KiB on 6.18 with pages of 4 KiB. Stack and
    // table take whole pages, which may be of 64 KiB.
    private const ulong LeastFixed = 64 * 1024;
    private const ulong UsualFixed = 75 * 1024;
    private static readonly ulong MostFixed = LeastFixed + (8 * (ulong)ProcRoot.PageSize);

    // vm_area_struct, anon_vma and its chain, maple tree: measured 458 on 6.18.
    private const ulong ForEachMapping = 640;

    // A pointer and a bit in each of three maps (fs/file.c dup_fd).
    private const ulong ForEachDescriptor = 9;

    // A page has an entry in a page table, whether it lies in RAM or in swap.
    internal const ulong EntryBytes = 8;

    /// <summary>
    /// Upper bound: every page table and every pinned page is copied (mm/memory.c <c>copy_present_page</c>, Linux 5.9). Without a count
    /// of the mappings, theirs are not in it: a process has a few hundred, and 10 000 of them cost 6 MiB.
    /// </summary>
    public ulong Bytes { get; private init; }

    /// <summary>
    /// Upper bound for any number of mappings and every size of pages.
    /// </summary>
    public ulong MaxBytes { get; private init; }

    /// <summary>
    /// Lower estimate: the tables of anonymous memory, and all others as far as they cannot serve shared memory and files, which are
    /// not copied either. Only smaps shows areas with MADV_DONTFORK, and tables of files without a page in RAM: they count until it was read.
    /// </summary>
    public ulong LikelyBytes { get; private init; }

    /// <summary>
    /// Most that fork and copy-on-write take together: all anonymous memory of the parent exists twice.
    /// </summary>
    public ulong WorstCaseBytes { get; private init; }

    /// <summary>All anonymous memory of the process, in RAM and in swap: the most that copy-on-write can copy.</summary>
    public ulong AnonymousBytes { get; private init; }

    /// <param name="memory">Of the process that forks.</param>
    /// <param name="mappings">Lines of its maps; absent: unknown.</param>
    public static ForkCost Of(in ProcessMemory memory, int? mappings = null) =>
        Of(memory, mappings, MappingCount.Most, default);

    /// <summary>Cost of a fork that leaves areas out, of a process with at most so many mappings.</summary>
    internal static ForkCost Of(
        in ProcessMemory memory,
        int? mappings,
        ulong maxMappings,
        in UncopiedTables uncopied = default
    )
    {
        var own = UsualFixed + Saturating.Multiply(memory.DescriptorSlots, ForEachDescriptor);
        own = Saturating.Add(own, (ulong)(mappings ?? 0) * ForEachMapping);
        var tables = Saturating.Subtract(memory.PageTables, uncopied.Least);
        var copies = Saturating.Add(memory.Anonymous, memory.Swapped);
        var kernelMemory = Saturating.Add(tables, own);
        var cost = Saturating.Add(kernelMemory, Math.Min(memory.Pinned, memory.Anonymous));
        // Each page of shared memory may have a page table to itself.
        var notShared = Saturating.Subtract(memory.PageTables, Saturating.Add(memory.Shared, uncopied.Most));
        var pages = copies / (ulong)ProcRoot.PageSize;
        var copied = Math.Max(notShared, Saturating.Subtract(pages * EntryBytes, uncopied.Entries));
        return new ForkCost
        {
            Bytes = cost,
            MaxBytes = Saturating.Add(
                Saturating.Add(cost, MostFixed - UsualFixed),
                mappings is null ? Saturating.Multiply(maxMappings, ForEachMapping) : 0
            ),
            LikelyBytes = Saturating.Add(Math.Min(copied, tables), LeastFixed),
            // The child's copy of a pinned page is made once, by the fork or by a write.
            WorstCaseBytes = Saturating.Add(kernelMemory, copies),
            AnonymousBytes = copies,
        };
    }
}
