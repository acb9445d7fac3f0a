using System.Buffers.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Capabilities of a process that change the limits it has.</summary>
internal static class Capabilities
{
    private const int CapSysAdmin = 21;

    // PROC_USER_INIT_INO (include/linux/proc_ns.h): the initial user namespace has the same number on every machine, and
    // reading it off pid 1 would need the permission to trace pid 1.
    private static ReadOnlySpan<byte> InitialUserNamespace => "user:[4026531837]"u8;

    /// <summary>CAP_SYS_ADMIN in the initial user namespace. False where it cannot be read.</summary>
    internal static bool HasSysAdmin(ProcRoot proc, ProcessTarget target)
    {
        Span<byte> link = stackalloc byte[64];
        if (
            proc.TryReadLink(target.Pid, "ns/user"u8, link, out var userNamespace, target.Thread) != ReadStatus.Ok
            || !userNamespace.SequenceEqual(InitialUserNamespace)
        )
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[4096];
        return proc.TryRead(target.Pid, "status"u8, buffer, out var text, target.Thread) == ReadStatus.Ok
            && TryParseEffective(text, out var effective)
            && ((effective >> CapSysAdmin) & 1) == 1;
    }

    /// <summary>CapEff of /proc/PID/status (proc_pid_status(5)). False if there is no such line.</summary>
    internal static bool TryParseEffective(ReadOnlySpan<byte> status, out ulong effective)
    {
        effective = 0;
        while (Ascii.TryTakeLine(ref status, out var line))
        {
            if (line.StartsWith("CapEff:"u8))
            {
                line = line["CapEff:"u8.Length..];
                Ascii.SkipSpaces(ref line);
                return Utf8Parser.TryParse(line, out effective, out int used, 'x') && used == line.Length;
            }
        }

        return false;
    }
}
