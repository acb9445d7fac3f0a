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
    internal static bool IsReaderNested(ProcRoot proc) =>
        IsInitialPidNamespace(proc, "self/ns/pid"u8) is { } isInitial ? !isInitial : proc.IsLive;

    /// <summary>
    /// The /proc shows the processes of the whole node: it is that of the initial pid namespace, and hides none. False too
    /// where a reader in a nested one may not know the namespace of its pid 1.
    /// </summary>
    internal static bool ShowsAllProcesses(ProcRoot proc) =>
        !proc.HidesProcesses && (!IsReaderNested(proc) || IsInitialPidNamespace(proc, "1/ns/pid"u8) == true);

    /// <summary>Null if the link cannot be read.</summary>
    private static bool? IsInitialPidNamespace(ProcRoot proc, ReadOnlySpan<byte> link)
    {
        Span<byte> buffer = stackalloc byte[64];
        return proc.TryReadLink(link, buffer, out var target) == ReadStatus.Ok
            ? TryParse(target, out var inode) && inode == InitialPidNamespace
            : null;
    }

    internal static bool TryParse(ReadOnlySpan<byte> target, out ulong inode)
    {
        inode = 0;
        var colon = target.IndexOf(":["u8);
        target = colon < 0 ? default : target[(colon + 2)..];
        return Ascii.TryTakeNumber(ref target, out inode) && target.SequenceEqual("]"u8);
    }
}
