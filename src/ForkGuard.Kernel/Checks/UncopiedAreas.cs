using System.Diagnostics;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Finds what forks leave out (MADV_DONTFORK), only of processes whose containers have no room for a fork. Reads smaps until
/// 50 ms of a scan are used up; a longer read is paid off by later scans. What was read holds for ten minutes.
/// </summary>
internal sealed class UncopiedAreas(ProcRoot proc)
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    private TimeSpan _left = Budget;

    internal void BeginScan() => _left = _left + Budget < Budget ? _left + Budget : Budget;

    /// <summary>Returns what the fork of a process leaves out; null if it is not known in this scan.</summary>
    /// <param name="process">The process.</param>
    /// <param name="now">Time of the scan.</param>
    /// <param name="isScan">False where somebody asks about one process: then it is read.</param>
    internal UncopiedTables? Find(ProcessFacts process, DateTimeOffset now, bool isScan)
    {
        if (isScan && (process.KeptUncopied(now) is not null || _left <= TimeSpan.Zero))
        {
            return process.KeptUncopied(now);
        }

        var begin = Stopwatch.GetTimestamp();
        var status = UncopiedTables.Read(proc, process.Pid, out var tables);
        _left -= Stopwatch.GetElapsedTime(begin);
        if (status != ReadStatus.Ok)
        {
            return null;
        }

        process.KeepUncopied(tables, now);
        return tables;
    }
}
