namespace ForkGuard.Kernel.Procfs;

/// <summary>/proc/meminfo (proc_meminfo(5)), as far as it is needed, in bytes.</summary>
internal readonly record struct Meminfo(
    ulong MemTotal,
    ulong SwapTotal,
    ulong SwapFree,
    ulong CommitLimit,
    ulong Committed,
    ulong Hugetlb
)
{
    /// <summary>
    /// False if one of the first five is missing or is not <c>Name: number kB</c>. Hugetlb, huge pages of all sizes, came
    /// with 4.16; before, those of the default size.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out Meminfo memory)
    {
        memory = default;
        if (
            !TryFind(text, "MemTotal:"u8, out var total)
            || !TryFind(text, "SwapTotal:"u8, out var swap)
            || !TryFind(text, "SwapFree:"u8, out var swapFree)
            || !TryFind(text, "CommitLimit:"u8, out var limit)
            || !TryFind(text, "Committed_AS:"u8, out var committed)
        )
        {
            return false;
        }

        var hugetlb =
            TryFind(text, "Hugetlb:"u8, out var ofAllSizes) ? ofAllSizes
            : TryFindCount(text, "HugePages_Total:"u8, out var count) && TryFind(text, "Hugepagesize:"u8, out var size)
                ? Saturating.Multiply(count, size)
            : 0;
        memory = new Meminfo(total, swap, swapFree, limit, committed, hugetlb);
        return true;
    }

    private static bool TryFindCount(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong count)
    {
        count = 0;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (line.StartsWith(name))
            {
                line = line[name.Length..];
                Ascii.SkipSpaces(ref line);
                return Ascii.TryTakeNumber(ref line, out count);
            }
        }

        return false;
    }

    internal static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong bytes)
    {
        bytes = 0;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (!line.StartsWith(name))
            {
                continue;
            }

            line = line[name.Length..];
            Ascii.SkipSpaces(ref line);
            if (!Ascii.TryTakeNumber(ref line, out var kilobytes) || !line.SequenceEqual(" kB"u8))
            {
                return false;
            }

            // No machine has 2^54 kB: a number that would overflow is not a size.
            bytes = kilobytes * 1024;
            return kilobytes <= ulong.MaxValue >> 12;
        }

        return false;
    }
}
