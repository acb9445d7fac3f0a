using System.Globalization;

namespace ForkGuard.Testing;

/// <summary>The limit of overcommit mode 0, read independently of the code under test.</summary>
public static class MemoryLimit
{
    /// <summary>MemTotal + SwapTotal in pages: a fork copies a VMA of this length, and not of one page more.</summary>
    public static long Pages()
    {
        long kibibytes = 0;
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (
                line.StartsWith("MemTotal:", StringComparison.Ordinal)
                || line.StartsWith("SwapTotal:", StringComparison.Ordinal)
            )
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                kibibytes += long.Parse(fields[1], CultureInfo.InvariantCulture);
            }
        }

        return kibibytes * 1024 / Environment.SystemPageSize;
    }
}
