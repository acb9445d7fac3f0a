using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// mm/util.c, vm_commit_limit: <c>CommitLimit = (overcommit_kbytes, or (MemTotal - Hugetlb) * overcommit_ratio / 100) +
/// total_swap_pages</c>, in whole pages. Solved for the swap.
/// </summary>
internal static class CommitLimit
{
    /// <summary>
    /// Bytes of swap that the kernel counts. SwapTotal of /proc/meminfo still counts an area that swapoff(8) is emptying
    /// (mm/swapfile.c, si_swapinfo adds nr_to_be_unused), the limits do not.
    /// </summary>
    /// <param name="memory">The memory and the limit, read at once.</param>
    /// <param name="overcommitKilobytes">vm.overcommit_kbytes; 0 where the ratio holds.</param>
    /// <param name="overcommitRatio">vm.overcommit_ratio, a percentage.</param>
    /// <param name="pageSize">Bytes.</param>
    /// <param name="swap">At most SwapTotal.</param>
    /// <returns>False where the numbers do not fit each other, as when a setting changed between two reads.</returns>
    internal static bool TryGetSwapInForce(
        in Meminfo memory,
        ulong overcommitKilobytes,
        ulong overcommitRatio,
        ulong pageSize,
        out ulong swap
    )
    {
        swap = 0;
        if (overcommitRatio > int.MaxValue || memory.Hugetlb > memory.MemTotal)
        {
            return false;
        }

        var ofMemory =
            overcommitKilobytes > 0
                ? (UInt128)overcommitKilobytes * 1024 / pageSize
                : (UInt128)((memory.MemTotal - memory.Hugetlb) / pageSize) * overcommitRatio / 100;
        var limit = memory.CommitLimit / pageSize;
        if (limit < ofMemory || (limit - (ulong)ofMemory) * pageSize > memory.SwapTotal)
        {
            return false;
        }

        swap = (limit - (ulong)ofMemory) * pageSize;
        return true;
    }
}
