using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Flags of a process's mappings as smaps had them. Mappings merge only with equal flags, so an answer holds while the
/// process stays and a mapping only grew, at either end. MADV_DONTFORK and mapping again with MAP_NORESERVE leave ranges and
/// permissions as they were, so every entry expires.
/// </summary>
internal sealed class SmapsCacheEntry(KeptArea[] areas, bool countsNoReserve, DateTimeOffset measuredTime)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    internal DateTimeOffset MeasuredTime { get; } = measuredTime;

    internal bool IsValid(DateTimeOffset now, bool forNoReserve)
    {
        var age = now - MeasuredTime;
        return countsNoReserve == forNoReserve && age >= TimeSpan.Zero && age < Lifetime;
    }

    /// <summary>
    /// Returns whether fork charges a mapping that maps has now; null if smaps has to be read for it. The mappings are asked for in
    /// ascending order.
    /// </summary>
    /// <param name="entry">The mapping.</param>
    /// <param name="next">Where the search begins and where the next one does; 0 at first.</param>
    internal bool? IsCharged(in MapsEntry entry, ref int next)
    {
        while (next < areas.Length && areas[next].End <= entry.Start)
        {
            next++;
        }

        bool? isCharged = null;
        for (; next < areas.Length && areas[next].Start < entry.End; next++)
        {
            var area = areas[next];
            var isPart = area.Start >= entry.Start && area.End <= entry.End && area.Permissions == entry.PermissionBits;
            if (!isPart || (isCharged is { } other && other != area.IsCharged))
            {
                return null;
            }

            isCharged = area.IsCharged;
        }

        return isCharged;
    }
}
