using System.Runtime.InteropServices;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.KernelLog;

/// <summary>
/// The kernel's log by /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one record a read. For hosts; the device cgroup of a
/// container denies it. Not for several threads at once.
/// </summary>
public sealed class KmsgLog : IKernelLog
{
    // CONSOLE_EXT_LOG_MAX (include/linux/printk.h): a smaller buffer gets EINVAL.
    private const int RecordBytes = 8192;

    // A flood of records is read over several calls.
    private const int MaxRecords = 4096;

    private readonly int _fd;
    private readonly byte[] _buffer = new byte[RecordBytes];

    private KmsgLog(int fd) => _fd = fd;

    /// <summary>Opens the log behind its last record.</summary>
    /// <returns>Null, with the reason in <paramref name="problem"/>, if the kernel does not allow it or has no such device.</returns>
    public static KmsgLog? TryOpen(out string problem)
    {
        var fd = Libc.Open("/dev/kmsg\0"u8, Libc.O_RDONLY | Libc.O_NONBLOCK);
        if (fd < 0)
        {
            problem = $"/dev/kmsg cannot be opened: {Marshal.GetPInvokeErrorMessage(-fd)}";
            return null;
        }

        problem = "";
        Libc.SeekToEnd(fd);
        return new KmsgLog(fd);
    }

    public ReadStatus Read(ICollection<KernelRefusal> refusals)
    {
        ArgumentNullException.ThrowIfNull(refusals);
        for (var records = 0; records < MaxRecords; records++)
        {
            var n = Libc.Read(_fd, _buffer);
            if (n is -Libc.EAGAIN or 0)
            {
                break;
            }

            // Records were overwritten before they were read: the next read returns the oldest that is left.
            if (n == -Libc.EPIPE)
            {
                continue;
            }

            if (n < 0)
            {
                return ProcRoot.StatusOf(-n);
            }

            if (TryParse(_buffer.AsSpan(0, n), out var refusal))
            {
                refusals.Add(refusal);
            }
        }

        return ReadStatus.Ok;
    }

    /// <summary>Reads a record, <c>priority,sequence,microseconds,flags;message</c> and a newline. False for any other message.</summary>
    internal static bool TryParse(Span<byte> record, out KernelRefusal refusal)
    {
        refusal = default;
        var semicolon = record.IndexOf((byte)';');
        var newline = record.IndexOf((byte)'\n');
        if (semicolon < 0 || newline < semicolon || !TryParseTime(record[..semicolon], out var time))
        {
            return false;
        }

        return RefusalLine.TryParse(Unescape(record[(semicolon + 1)..newline]), time, out refusal);
    }

    private static bool TryParseTime(ReadOnlySpan<byte> header, out TimeSpan time)
    {
        time = default;
        return Ascii.TryTakeNumber(ref header, out _)
            && Ascii.TryTake(ref header, (byte)',')
            && Ascii.TryTakeNumber(ref header, out _)
            && Ascii.TryTake(ref header, (byte)',')
            && Ascii.TryTakeNumber(ref header, out var microseconds)
            && LogTime.TryMake(seconds: 0, microseconds, out time);
    }

    // Bytes outside of printable ASCII, and the backslash, are written as \xHH (kernel/printk/printk.c, msg_add_ext_text).
    private static Span<byte> Unescape(Span<byte> message)
    {
        var to = 0;
        for (var from = 0; from < message.Length; to++)
        {
            if (message[from] == '\\' && from + 3 < message.Length && message[from + 1] == 'x')
            {
                ReadOnlySpan<byte> digits = message.Slice(from + 2, 2);
                if (Ascii.TryTakeHex(ref digits, out var value) && digits.IsEmpty)
                {
                    message[to] = (byte)value;
                    from += 4;
                    continue;
                }
            }

            message[to] = message[from++];
        }

        return message[..to];
    }

    public void Dispose() => Libc.Close(_fd);
}
