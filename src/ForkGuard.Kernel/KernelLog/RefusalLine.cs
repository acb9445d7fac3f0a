using System.Text;
using ForkGuard.Api.Constraints;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.KernelLog;

/// <summary>Messages of the kernel about refused forks and mappings.</summary>
internal static class RefusalLine
{
    private const int MaxCommandBytes = 15;

    private static ReadOnlySpan<byte> MemoryPrefix => "__vm_enough_memory: "u8;
    private static ReadOnlySpan<byte> PidsPrefix => "cgroup: fork rejected by pids controller in "u8;

    /// <summary>
    /// Reads one message, without priority and time, such as
    /// <c>__vm_enough_memory: pid: 7, comm: sh, bytes: 4096 not enough memory for the allocation</c> (6.12) or
    /// <c>__vm_enough_memory: pid: 7, comm: sh, no enough memory for the allocation</c> (6.1). False for any other message.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> message, TimeSpan time, out KernelRefusal refusal)
    {
        refusal = default;
        if (message.StartsWith(PidsPrefix))
        {
            refusal = new KernelRefusal(RefusalKind.Pids, time)
            {
                Cgroup = Encoding.UTF8.GetString(message[PidsPrefix.Length..]),
            };
            return true;
        }

        return message.StartsWith(MemoryPrefix) && TryParseMemory(message[MemoryPrefix.Length..], time, out refusal);
    }

    private static bool TryParseMemory(ReadOnlySpan<byte> rest, TimeSpan time, out KernelRefusal refusal)
    {
        refusal = default;
        if (Ascii.TryTakeNumber(ref rest, out var suppressed))
        {
            refusal = new KernelRefusal(RefusalKind.SuppressedMemory, time)
            {
                Count = (int)Math.Min(suppressed, int.MaxValue),
            };
            return rest.SequenceEqual(" callbacks suppressed"u8);
        }

        if (!TryTakePrefix(ref rest, "pid: "u8) || !Ascii.TryTakeNumber(ref rest, out var pid) || pid > int.MaxValue)
        {
            return false;
        }

        // The name may hold anything, also what follows it: the kernel's own text is the last.
        if (!TryTakePrefix(ref rest, ", comm: "u8) || !TryTakeEnd(ref rest, out var bytes))
        {
            return false;
        }

        refusal = new KernelRefusal(RefusalKind.Memory, time)
        {
            Pid = (int)pid,
            Command = Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, MaxCommandBytes)]),
            Bytes = bytes,
        };
        return true;
    }

    private static bool TryTakeEnd(ref ReadOnlySpan<byte> rest, out ulong bytes)
    {
        bytes = 0;
        var withoutBytes = ", no enough memory for the allocation"u8;
        if (rest.EndsWith(withoutBytes))
        {
            rest = rest[..^withoutBytes.Length];
            return true;
        }

        var withBytes = " not enough memory for the allocation"u8;
        if (!rest.EndsWith(withBytes))
        {
            return false;
        }

        rest = rest[..^withBytes.Length];
        var size = ", bytes: "u8;
        var at = rest.LastIndexOf(size);
        if (at < 0)
        {
            return false;
        }

        var number = rest[(at + size.Length)..];
        rest = rest[..at];
        return Ascii.TryTakeNumber(ref number, out bytes) && number.IsEmpty;
    }

    private static bool TryTakePrefix(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> prefix)
    {
        if (!rest.StartsWith(prefix))
        {
            return false;
        }

        rest = rest[prefix.Length..];
        return true;
    }
}
