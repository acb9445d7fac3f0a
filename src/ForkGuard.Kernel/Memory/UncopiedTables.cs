using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>Page tables of the areas that a fork leaves out (MADV_DONTFORK), in bytes.</summary>
/// <param name="Least">They take no less.</param>
/// <param name="Most">They take no more.</param>
/// <param name="Entries">Part of them that holds the pages in use.</param>
internal readonly record struct UncopiedTables(ulong Least, ulong Most, ulong Entries)
{
    private const int MaxLineBytes = 8 * 1024;

    /// <summary>
    /// Reads all of smaps: the process waits with its own mmap(2) meanwhile, 16 ms for each GiB in RAM. Anything but Ok if that
    /// is not possible.
    /// </summary>
    /// <param name="proc">Where to read.</param>
    /// <param name="pid">The process.</param>
    /// <param name="tables">The areas that its fork leaves out.</param>
    /// <param name="areas">Areas that were read.</param>
    internal static ReadStatus Read(ProcRoot proc, int pid, out UncopiedTables tables, out int areas)
    {
        (tables, areas) = (default, 0);
        var fd = proc.Open(pid, "smaps"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        ulong size = 0;
        ulong inUse = 0;
        var reader = new LineReader(fd, stackalloc byte[MaxLineBytes]);
        while (reader.TryRead(out var line))
        {
            if (MapsEntry.TryParse(line, out var area))
            {
                (size, inUse) = (area.Bytes, 0);
                areas++;
            }
            else if (line.StartsWith("Anonymous:"u8) || line.StartsWith("Swap:"u8))
            {
                inUse = Saturating.Add(inUse, KibibytesOf(line) * 1024);
            }
            else if (VmFlagsLine.TryParse(line, out var flags) && flags.HasFlag(VmFlags.DontCopy))
            {
                tables = tables.With(size, inUse);
            }
        }

        Libc.Close(fd);
        return reader.Status;
    }

    /// <summary>The same with further pages in use.</summary>
    internal UncopiedTables WithPages(ulong pages) =>
        this with
        {
            Most = Saturating.Add(Most, Saturating.Multiply(pages, (ulong)ProcRoot.PageSize)),
            Entries = Saturating.Add(Entries, Saturating.Multiply(pages, ForkCost.EntryBytes)),
        };

    private UncopiedTables With(ulong size, ulong inUse)
    {
        var page = (ulong)ProcRoot.PageSize;
        var entries = inUse / page * ForkCost.EntryBytes;
        // The first and the last table may serve neighbours as well.
        var most = Math.Min(inUse, (size / page * ForkCost.EntryBytes) + (2 * page));
        return new UncopiedTables(
            Saturating.Add(Least, Saturating.Subtract(entries, 2 * page)),
            Saturating.Add(Most, most),
            Saturating.Add(Entries, entries)
        );
    }

    private static ulong KibibytesOf(ReadOnlySpan<byte> line)
    {
        line = line[(line.IndexOf((byte)':') + 1)..];
        Ascii.SkipSpaces(ref line);
        return Ascii.TryTakeNumber(ref line, out var kibibytes) ? Math.Min(kibibytes, ulong.MaxValue / 1024) : 0;
    }
}
