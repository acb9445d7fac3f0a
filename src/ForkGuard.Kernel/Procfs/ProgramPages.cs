namespace ForkGuard.Kernel.Procfs;

/// <summary>Pages of this program's file and of its libraries that are in RAM.</summary>
public static class ProgramPages
{
    private const int MaxLineBytes = 8 * 1024;

    /// <summary>
    /// Unmaps them, after a start that needed many of them once. MADV_PAGEOUT (madvise(2), Linux 5.4) loses nothing: the kernel maps
    /// an unchanged page again from the file when it is next used, and leaves pages that another process maps, pages of files
    /// that this one neither owns nor may write, and changed pages without swap (mm/madvise.c
    /// <c>madvise_cold_or_pageout_pte_range</c>). On an older kernel, and where it fails, nothing changes.
    /// </summary>
    public static void Release()
    {
        var fd = Libc.Open("/proc/self/maps\0"u8);
        if (fd < 0)
        {
            return;
        }

        var reader = new LineReader(fd, stackalloc byte[MaxLineBytes]);
        while (reader.TryRead(out var line))
        {
            if (
                MapsEntry.TryParse(line, out var area)
                && area is { IsPrivate: true, IsWritable: false }
                && area.Name.StartsWith("/"u8)
            )
            {
                Libc.PageOut(area.Start, area.Bytes);
            }
        }

        Libc.Close(fd);
    }
}
