namespace ForkGuard.Kernel.Procfs;

/// <summary>Sizes of a process in pages, as the kernel counts them without looking at the mappings.</summary>
/// <param name="Total">total_vm: an upper bound of every mapping and of their sum. 0 without an address space.</param>
/// <param name="Resident">Pages in RAM: they predict what a read of smaps costs.</param>
/// <param name="Data">Private writable pages and stacks; changes with mprotect(2), where the total stays.</param>
public readonly record struct ProcessSize(ulong Total, ulong Resident, ulong Data);

/// <summary>/proc/PID/statm (proc_pid_statm(5)).</summary>
public static class Statm
{
    // More than any address space has: 64 bits of bytes, with pages of 64 KiB at most.
    private const ulong MaximumPages = ulong.MaxValue >> 16;

    /// <summary>
    /// The first field, total_vm in pages: an upper bound of every mapping and of their sum. 0 for a zombie and a kernel
    /// thread. False for bytes that are no whole statm line.
    /// </summary>
    public static bool TryParseSize(ReadOnlySpan<byte> text, out ulong pages) => TryTakeSize(ref text, out pages);

    /// <summary>The size, as <see cref="TryParseSize"/>; fields that are missing after the first are 0.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessSize size)
    {
        size = default;
        if (!TryTakeSize(ref text, out var total))
        {
            return false;
        }

        const int residentField = 2;
        const int dataField = 6;
        var (resident, data) = (0UL, 0UL);
        for (var field = 2; field <= dataField && TryTakeNext(ref text, out var value); field++)
        {
            resident = field == residentField ? Math.Min(value, MaximumPages) : resident;
            data = field == dataField ? value : data;
        }

        size = new ProcessSize(total, resident, data);
        return true;
    }

    private static bool TryTakeSize(ref ReadOnlySpan<byte> text, out ulong pages) =>
        Ascii.TryTakeNumber(ref text, out pages)
        && pages <= MaximumPages
        && !text.IsEmpty
        && text[0] == ' '
        && text[^1] == '\n';

    private static bool TryTakeNext(ref ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        return Ascii.TryTake(ref text, (byte)' ') && Ascii.TryTakeNumber(ref text, out value);
    }
}
