using System.Globalization;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>What one mapping may have in overcommit mode 0, read apart from the code under test.</summary>
internal static class KernelLimit
{
    /// <summary>MemTotal and SwapTotal of proc_meminfo(5), in pages.</summary>
    public static long Pages { get; } =
        (Kibibytes("MemTotal:") + Kibibytes("SwapTotal:")) * 1024 / Environment.SystemPageSize;

    private static long Kibibytes(string name) =>
        long.Parse(
            File.ReadLines("/proc/meminfo")
                .First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
