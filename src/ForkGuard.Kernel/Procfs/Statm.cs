namespace ForkGuard.Kernel.Procfs;

/// <summary>/proc/PID/statm (proc_pid_statm(5)).</summary>
public static class Statm
{
    // More than any address space has: 64 bits of bytes, with pages of 64 KiB at most.
    private const ulong MaximumPages = ulong.MaxValue >> 16;

    /// <summary>
    /// The first field, total_vm in pages: an upper bound of every mapping and of their sum. 0 for a zombie and a kernel
    /// thread. False for bytes that are no whole statm line.
    /// </summary>
    public static bool TryParseSize(ReadOnlySpan<byte> text, out ulong pages)
    {
        var rest = text;
        return Ascii.TryTakeNumber(ref rest, out pages)
            && pages <= MaximumPages
            && !rest.IsEmpty
            && rest[0] == ' '
            && rest[^1] == '\n';
    }
}
