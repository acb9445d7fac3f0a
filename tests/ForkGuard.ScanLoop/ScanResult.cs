using System.Globalization;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.ScanLoop;

/// <summary>Counts and costs of one scan.</summary>
/// <param name="Nanoseconds">CPU time of the limits and the accounting scan.</param>
/// <param name="CheckNanoseconds">CPU time of the other constraints; 0 without them.</param>
/// <param name="Statistics">Counts of the scan.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap by both.</param>
internal readonly record struct ScanResult(
    long Nanoseconds,
    long CheckNanoseconds,
    ScanStatistics Statistics,
    long AllocatedBytes
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Nanoseconds} {Statistics.Processes} {Statistics.MapsReads} {Statistics.SmapsReads} {AllocatedBytes} {CheckNanoseconds} {Statistics.LeftOut}"
        );
}
