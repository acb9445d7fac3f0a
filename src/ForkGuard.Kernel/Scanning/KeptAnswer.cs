using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// What smaps said of a process, for as long as the ranges and permissions of its candidates stay the same. Some changes
/// leave those as they were (MADV_DONTFORK, mapping again with MAP_NORESERVE), so every answer grows too old.
/// </summary>
internal sealed class KeptAnswer(
    ulong? fingerprint,
    bool countsNoReserve,
    MappingRange largest,
    ulong sum,
    DateTimeOffset measuredTime
)
{
    private static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LoudFor = TimeSpan.FromMinutes(1);

    internal MappingRange Largest { get; } = largest;
    internal ulong Sum { get; } = sum;
    internal DateTimeOffset MeasuredTime { get; } = measuredTime;

    internal bool StillHolds(ulong nowFingerprint, in Inspection inspection)
    {
        if (nowFingerprint != fingerprint || inspection.CountsNoReserve != countsNoReserve || inspection.MustBeFresh)
        {
            return false;
        }

        var age = inspection.Now - MeasuredTime;
        var charge = new ProcessCharge { Largest = Largest.Bytes, Sum = Sum };
        return age >= TimeSpan.Zero && age < (inspection.IsLoud(charge) ? LoudFor : QuietFor);
    }

    /// <summary>
    /// Puts what was measured in the place of the bounds. Where no candidate is charged, the largest of the mappings that
    /// were not looked up remains, as a bound.
    /// </summary>
    internal ProcessCharge Narrow(in ProcessCharge bound, ulong largestNotLookedUp) =>
        Largest.Bytes > 0 || largestNotLookedUp == 0
            ? bound with
            {
                Largest = Largest.Bytes,
                Sum = Sum,
                IsBound = false,
            }
            : bound with
            {
                Largest = largestNotLookedUp,
            };
}
