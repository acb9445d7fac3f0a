using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Finds what forks leave out (MADV_DONTFORK), only of processes whose containers have no room for a fork. Reads smaps as far
/// as the budget goes. An answer holds for ten minutes, while the process has as many pages in RAM.
/// </summary>
internal sealed class UncopiedAreas(ReadBudget budget)
{
    // Measured on 6.18. A clock would also count the time in which this process does not run.
    private static readonly TimeSpan ForEachGibibyte = TimeSpan.FromMilliseconds(16);
    private static readonly TimeSpan ForEachArea = TimeSpan.FromMicroseconds(3);

    /// <summary>Returns what the fork of a process leaves out; null if it is not known in this scan.</summary>
    /// <param name="process">The process.</param>
    /// <param name="files">Where its smaps is.</param>
    /// <param name="memory">Its memory, which predicts the time of a read.</param>
    /// <param name="now">Time of the scan.</param>
    /// <param name="isScan">False where somebody asks about one process: then it is read.</param>
    internal UncopiedTables? Find(
        ProcessFacts process,
        (ProcRoot Root, int Id) files,
        in ProcessMemory memory,
        DateTimeOffset now,
        bool isScan
    )
    {
        var kept = process.KeptUncopied(now, out var isCurrent);
        PodKey pod = default;
        if (isScan && ((kept is not null && isCurrent) || !budget.HasSmaps(process.Pid, out pod)))
        {
            return kept;
        }

        var status = UncopiedTables.Read(files.Root, files.Id, out var tables, out var areas);
        var gibibytes = Saturating.Add(memory.Anonymous, memory.Shared) / (double)(1 << 30);
        if (isScan)
        {
            budget.SpendSmaps(pod, (ForEachGibibyte * gibibytes) + (ForEachArea * areas));
        }

        if (status != ReadStatus.Ok)
        {
            return null;
        }

        process.KeepUncopied(tables, now);
        return tables;
    }
}
