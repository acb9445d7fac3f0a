using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Page tables that a fork leaves out, in bytes: those of areas with MADV_DONTFORK or MADV_WIPEONFORK (kernel/fork.c <c>dup_mmap</c>),
/// and at most those of files and shared memory without anonymous pages (mm/memory.c <c>vma_needs_copy</c>). Tables stay when the kernel
/// reclaims the pages of a file, also where none of them is in RAM. Those of private memory without a page are copied if it ever was
/// written, and not if it was only read: then the zero page serves all of it.
/// </summary>
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
        var isPrivate = false;
        var mayBeOfFile = false;
        var isAnonymous = false;
        var isReserved = false;
        var reader = new LineReader(fd, stackalloc byte[MaxLineBytes]);
        while (reader.TryRead(out var line))
        {
            if (MapsEntry.TryParse(line, out var area))
            {
                (size, inUse, isAnonymous) = (area.Bytes, 0, false);
                (isPrivate, mayBeOfFile) = (area.IsPrivate, area.Name.StartsWith((byte)'/'));
                isReserved = isPrivate && !mayBeOfFile && !area.IsReadable;
                areas++;
            }
            else if (line.StartsWith("Anonymous:"u8) || (isPrivate && line.StartsWith("Swap:"u8)))
            {
                var bytes = KibibytesOf(line) * 1024;
                inUse = Saturating.Add(inUse, bytes);
                // Swapped pages of shared memory count where it is mapped (fs/proc/task_mmu.c smap_gather_stats).
                isAnonymous |= bytes > 0 && (line[0] == (byte)'A' || !mayBeOfFile);
            }
            else if (VmFlagsLine.TryParse(line, out var flags))
            {
                tables =
                    (flags & (VmFlags.DontCopy | VmFlags.WipeOnFork)) != VmFlags.None
                        ? tables.With(size, inUse, isAnonymous)
                    : isAnonymous || isReserved ? tables
                    : tables with { Most = Saturating.Add(tables.Most, TablesOf(size)) };
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

    private UncopiedTables With(ulong size, ulong inUse, bool isAnonymous)
    {
        var page = (ulong)ProcRoot.PageSize;
        var entries = inUse / page * ForkCost.EntryBytes;
        var most = isAnonymous ? Math.Min(inUse, TablesOf(size)) : TablesOf(size);
        return new UncopiedTables(
            Saturating.Add(Least, Saturating.Subtract(entries, 2 * page)),
            Saturating.Add(Most, most),
            Saturating.Add(Entries, entries)
        );
    }

    // The first and the last table may serve neighbours as well.
    private static ulong TablesOf(ulong size)
    {
        var page = (ulong)ProcRoot.PageSize;
        return (size / page * ForkCost.EntryBytes) + (2 * page);
    }

    private static ulong KibibytesOf(ReadOnlySpan<byte> line)
    {
        line = line[(line.IndexOf((byte)':') + 1)..];
        Ascii.SkipSpaces(ref line);
        return Ascii.TryTakeNumber(ref line, out var kibibytes) ? Math.Min(kibibytes, ulong.MaxValue / 1024) : 0;
    }
}
