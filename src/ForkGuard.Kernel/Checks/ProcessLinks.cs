using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>Namespace links of a process, such as <c>ns/pid -> pid:[4026531836]</c> (namespaces(7)).</summary>
internal static class ProcessLinks
{
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

    internal static bool TryParse(ReadOnlySpan<byte> target, out ulong inode)
    {
        inode = 0;
        var colon = target.IndexOf(":["u8);
        target = colon < 0 ? default : target[(colon + 2)..];
        return Ascii.TryTakeNumber(ref target, out inode) && target.SequenceEqual("]"u8);
    }
}
