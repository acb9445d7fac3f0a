using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>Namespace links of a process, such as <c>ns/pid -> pid:[4026531836]</c> (namespaces(7)).</summary>
internal static class ProcessLinks
{
    // PROC_PID_INIT_INO (include/linux/proc_ns.h), the same on every machine.
    private const ulong InitialPidNamespace = 4026531836;

    /// <summary>Reads the inode that names the namespace; Gone also if the link does not exist.</summary>
    internal static ReadStatus ReadNamespace(ProcRoot proc, int pid, ReadOnlySpan<byte> name, out ulong inode)
    {
        inode = 0;
        Span<byte> buffer = stackalloc byte[64];
        var status = proc.TryReadLink(pid, name, buffer, out var target);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        return TryParse(target, out inode) ? ReadStatus.Ok : ReadStatus.Malformed;
    }

    /// <summary>
    /// This process, whose /proc that is, is in a pid namespace below the initial one. True also where a live /proc does not
    /// show it.
    /// </summary>
    internal static bool IsReaderNested(ProcRoot proc)
    {
        Span<byte> buffer = stackalloc byte[64];
        return proc.TryReadLink("self/ns/pid"u8, buffer, out var target) == ReadStatus.Ok
            ? !TryParse(target, out var inode) || inode != InitialPidNamespace
            : proc.IsLive;
    }

    internal static bool TryParse(ReadOnlySpan<byte> target, out ulong inode)
    {
        inode = 0;
        var colon = target.IndexOf(":["u8);
        target = colon < 0 ? default : target[(colon + 2)..];
        return Ascii.TryTakeNumber(ref target, out inode) && target.SequenceEqual("]"u8);
    }
}
