namespace ForkGuard.Kernel.Procfs;

/// <summary>Pages of this program's own file that are mapped.</summary>
public static class ProgramPages
{
    // Longer paths are not looked for: then nothing is released.
    private const int MaxPathBytes = 1024;
    private const int MaxLineBytes = 8 * 1024;

    /// <summary>
    /// Unmaps them, after a start that needed many of them once. The kernel maps a page again when it is next used
    /// (MADV_DONTNEED, madvise(2)), from the page cache as a rule. Parts with a changed page stay, since its content would be lost.
    /// </summary>
    public static void Release()
    {
        Span<byte> program = stackalloc byte[MaxPathBytes];
        var length = Libc.ReadLink("/proc/self/exe\0"u8, program);
        var fd = length <= 0 || length == program.Length ? -1 : Libc.Open("/proc/self/smaps\0"u8);
        if (fd < 0)
        {
            return;
        }

        ulong start = 0;
        ulong bytes = 0;
        var reader = new LineReader(fd, stackalloc byte[MaxLineBytes]);
        while (reader.TryRead(out var line))
        {
            if (MapsEntry.TryParse(line, out var area))
            {
                var isOwn =
                    area is { IsPrivate: true, IsWritable: false } && area.Name.SequenceEqual(program[..length]);
                (start, bytes) = (area.Start, isOwn ? area.Bytes : 0);
            }
            else if (bytes > 0 && IsUnchanged(line))
            {
                Libc.DropPages(start, bytes);
            }
        }

        Libc.Close(fd);
    }

    /// <summary>The line is that of an area none of whose pages is a changed copy.</summary>
    private static bool IsUnchanged(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("Anonymous:"u8))
        {
            return false;
        }

        line = line["Anonymous:".Length..];
        Ascii.SkipSpaces(ref line);
        return line.SequenceEqual("0 kB"u8);
    }
}
