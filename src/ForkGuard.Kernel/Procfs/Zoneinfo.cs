namespace ForkGuard.Kernel.Procfs;

/// <summary>/proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print), as far as it is needed.</summary>
internal static class Zoneinfo
{
    /// <summary>Pages that the zones have, those included that a balloon holds. 0 if the text has none.</summary>
    internal static ulong PresentPages(ReadOnlySpan<byte> text)
    {
        var pages = 0UL;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            Ascii.SkipSpaces(ref line);
            if (Ascii.TakeWord(ref line).SequenceEqual("present"u8) && Ascii.TryTakeNumber(ref line, out var present))
            {
                pages = Saturating.Add(pages, Math.Min(present, ulong.MaxValue >> 20));
            }
        }

        return Math.Min(pages, ulong.MaxValue >> 20);
    }
}
