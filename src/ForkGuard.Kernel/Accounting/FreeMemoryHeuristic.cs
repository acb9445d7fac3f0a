using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// Mode 0 before 5.2 (mm/util.c, __vm_enough_memory, until commit 8c7829b04c52): a mapping must fit into what looks
/// free at that moment. An estimate by its nature.
/// </summary>
internal static class FreeMemoryHeuristic
{
    /// <summary>
    /// Pages that count as free, without swap: nr_free_pages + nr_file_pages - nr_shmem + nr_slab_reclaimable, and
    /// nr_kernel_misc_reclaimable since 4.20. False if one of the first four is missing from the vmstat.
    /// </summary>
    internal static bool TryParseAvailable(ReadOnlySpan<byte> vmstat, out ulong pages)
    {
        pages = 0;
        if (
            !TryFind(vmstat, "nr_free_pages "u8, out var free)
            || !TryFind(vmstat, "nr_file_pages "u8, out var file)
            || !TryFind(vmstat, "nr_shmem "u8, out var shmem)
            || !TryFind(vmstat, "nr_slab_reclaimable "u8, out var slab)
        )
        {
            return false;
        }

        _ = TryFind(vmstat, "nr_kernel_misc_reclaimable "u8, out var misc);
        var sum = free + file + slab + misc;
        pages = sum > shmem ? sum - shmem : 0;
        return true;
    }

    /// <summary>
    /// totalreserve_pages: for each zone of the zoneinfo the smaller of managed and max(protection) + high
    /// (mm/page_alloc.c, calculate_totalreserve_pages). False if there is no zone or a number is malformed.
    /// </summary>
    internal static bool TryParseReserve(ReadOnlySpan<byte> zoneinfo, out ulong pages)
    {
        pages = 0;
        ulong high = 0;
        ulong managed = 0;
        var zones = 0;
        while (Ascii.TryTakeLine(ref zoneinfo, out var line))
        {
            Ascii.SkipSpaces(ref line);
            var name = Ascii.TakeWord(ref line);
            if (name.SequenceEqual("high"u8) && !Ascii.TryTakeNumber(ref line, out high))
            {
                return false;
            }

            if (name.SequenceEqual("managed"u8) && !Ascii.TryTakeNumber(ref line, out managed))
            {
                return false;
            }

            // The last of the three that a zone prints.
            if (name.SequenceEqual("protection:"u8))
            {
                if (!TryMaximum(line, out var protection))
                {
                    return false;
                }

                pages += Math.Min(managed, protection + high);
                zones++;
            }
        }

        return zones > 0;
    }

    private static bool TryMaximum(ReadOnlySpan<byte> list, out ulong maximum)
    {
        maximum = 0;
        if (!Ascii.TryTake(ref list, (byte)'('))
        {
            return false;
        }

        do
        {
            Ascii.SkipSpaces(ref list);
            if (!Ascii.TryTakeNumber(ref list, out var value))
            {
                return false;
            }

            maximum = Math.Max(maximum, value);
        } while (Ascii.TryTake(ref list, (byte)','));
        return Ascii.TryTake(ref list, (byte)')');
    }

    private static bool TryFind(ReadOnlySpan<byte> vmstat, ReadOnlySpan<byte> name, out ulong value)
    {
        while (Ascii.TryTakeLine(ref vmstat, out var line))
        {
            if (line.StartsWith(name))
            {
                line = line[name.Length..];
                return Ascii.TryTakeNumber(ref line, out value) && line.IsEmpty;
            }
        }

        value = 0;
        return false;
    }
}
