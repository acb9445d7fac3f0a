using System.Runtime.InteropServices;

namespace ForkGuard.ScanLoop;

/// <summary>The CPU time of this process, all threads, as clock_gettime(2) counts it.</summary>
internal static unsafe partial class CpuClock
{
    private const int ProcessCpuTime = 2;

    internal static long Nanoseconds()
    {
        Timespec now;
        _ = clock_gettime(ProcessCpuTime, &now);
        return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, Timespec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
