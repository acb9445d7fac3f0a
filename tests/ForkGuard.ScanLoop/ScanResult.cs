using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.ScanLoop;

/// <summary>What one scan did and cost.</summary>
internal readonly record struct ScanResult(long Nanoseconds, ScanStatistics Statistics, long AllocatedBytes)
{
    /// <summary>Reads the limits and scans, as <c>forkguard watch</c> does each time.</summary>
    internal static ScanResult Measure(
        KernelStateReader reader,
        ProcessScanner scanner,
        int levelPercent,
        TimeProvider time,
        List<ProcessReading> loud
    )
    {
        loud.Clear();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var before = CpuClock.Nanoseconds();
        if (!reader.TryRead(out var state, out var problem))
        {
            throw new InvalidOperationException(problem);
        }

        // In mode 1 there is nothing to judge, and nothing to measure.
        var mode = state.Mode == OvercommitMode.Always ? OvercommitMode.Heuristic : state.Mode;
        var statistics = scanner.Scan(state, mode, levelPercent, time.GetUtcNow(), loud);
        var used = CpuClock.Nanoseconds() - before;
        return new ScanResult(used, statistics, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Nanoseconds} {Statistics.Processes} {Statistics.MapsReads} {Statistics.SmapsReads} {AllocatedBytes}"
        );
}
