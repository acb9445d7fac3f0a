using System.Globalization;
using System.Text.Unicode;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Tells what of the commit charge goes when a fork child ends: a child that still runs the program of its parent, as
/// the child with which a database saves. A server with several such children keeps them, and its next fork comes on
/// top of all of them.
/// </summary>
internal sealed class ForkChild(ProcRoot proc)
{
    private const int MostChildren = 32;

    /// <summary>
    /// Bytes that the only fork child of a process holds at most, or that the process holds itself if it is one: never
    /// more than <paramref name="own"/>, what a fork of the process would charge now. 0 without such a child, with
    /// several, for a child of another thread than the main one, and where the kernel does not tell
    /// (/proc/PID/task/TID/children, CONFIG_PROC_CHILDREN).
    /// </summary>
    internal ulong HeldBytes(int pid, ulong own)
    {
        var (parent, stack) = Read(pid);
        if (stack == 0)
        {
            return 0;
        }

        var child = OnlyChildOf(pid, stack);
        if (child == 0 && parent > 0 && Read(parent).Stack == stack && OnlyChildOf(parent, stack) == pid)
        {
            child = pid;
        }

        Span<byte> buffer = stackalloc byte[256];
        return
            child > 0
            && proc.TryRead(child, "statm"u8, buffer, out var text) == ReadStatus.Ok
            && Statm.TryParseSize(text, out var pages)
            ? Math.Min(own, pages * (ulong)ProcRoot.PageSize)
            : 0;
    }

    private int OnlyChildOf(int pid, ulong stack)
    {
        Span<byte> name = stackalloc byte[32];
        Span<byte> buffer = stackalloc byte[MostChildren * 12];
        var path = ChildrenFile(pid, name);
        if (proc.TryRead(pid, path, buffer, out var text) != ReadStatus.Ok || text.Length == buffer.Length)
        {
            return 0;
        }

        var only = 0;
        while (Ascii.TryTakeNumber(ref text, out var number))
        {
            Ascii.SkipSpaces(ref text);
            var child = (int)Math.Min(number, int.MaxValue);
            if (Read(child).Stack != stack)
            {
                continue;
            }

            if (only != 0)
            {
                return 0;
            }

            only = child;
        }

        return only;
    }

    private static ReadOnlySpan<byte> ChildrenFile(int pid, Span<byte> buffer)
    {
        _ = Utf8.TryWrite(buffer, CultureInfo.InvariantCulture, $"task/{pid}/children", out var length);
        return buffer[..length];
    }

    private (int Parent, ulong Stack) Read(int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        return
            proc.TryRead(pid, "stat"u8, buffer, out var text) == ReadStatus.Ok
            && ProcessStat.TryParse(text, out var stat)
            ? (stat.Parent, stat.StartStack)
            : default;
    }
}
