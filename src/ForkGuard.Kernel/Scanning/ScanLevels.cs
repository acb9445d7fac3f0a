namespace ForkGuard.Kernel.Scanning;

/// <summary>Percentages of the limit from which a scan looks closer.</summary>
/// <param name="ReportPercent">From here on a process is in the result, by an upper bound below the warning level.</param>
/// <param name="WarningPercent">From here on smaps is read, and the result is measured.</param>
public readonly record struct ScanLevels(int ReportPercent, int WarningPercent)
{
    /// <summary>One level for both.</summary>
    public static ScanLevels At(int percent) => new(percent, percent);
}
