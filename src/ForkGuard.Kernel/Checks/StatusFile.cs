using System.Buffers.Text;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>/proc/PID/status (proc_pid_status(5)), as far as the checks need it.</summary>
internal readonly record struct StatusFile
{
    private const int MaxThreads = 1 << 22;

    // The line of supplementary groups, 65 536 at most, comes before what is needed.
    private const int MaxBytes = 1 << 20;

    internal byte State { get; private init; }

    internal uint RealUid { get; private init; }

    internal int Threads { get; private init; }

    internal ulong EffectiveCapabilities { get; private init; }

    /// <summary>0: none, 1: strict, 2: filter. 0 also for a kernel without seccomp.</summary>
    internal int Seccomp { get; private init; }

    /// <summary>Pid namespaces from the reader's down to the innermost; 1 if it is the reader's own.</summary>
    internal int PidNamespaces { get; private init; }

    /// <summary>Its pid is 1 in its innermost namespace, which is not the reader's own.</summary>
    internal bool IsInitOfNestedNamespace { get; private init; }

    /// <summary>A zombie without a living thread beside it.</summary>
    internal bool HasEnded => State is (byte)'Z' or (byte)'X' && Threads <= 1;

    /// <summary>
    /// Reads the file of a process into a buffer that grows if the file does not fit. Malformed as <see
    /// cref="TryParse"/>.
    /// </summary>
    internal static ReadStatus Read(ProcRoot proc, int pid, ref byte[] buffer, out StatusFile status)
    {
        status = default;
        var read = proc.TryRead(pid, "status"u8, buffer, out var text);
        if (read == ReadStatus.Ok && text.Length == buffer.Length && buffer.Length < MaxBytes)
        {
            buffer = new byte[MaxBytes];
            read = proc.TryRead(pid, "status"u8, buffer, out text);
        }

        return read != ReadStatus.Ok ? read
            : TryParse(text, out status) ? ReadStatus.Ok
            : ReadStatus.Malformed;
    }

    /// <summary>False if state, uid or the capabilities are missing or malformed.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out StatusFile status)
    {
        status = default;
        var (hasState, hasUid, hasCapabilities) = (false, false, false);
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
            {
                continue;
            }

            var name = line[..colon];
            var value = line[(colon + 1)..];
            Ascii.SkipSpaces(ref value);
            if (name.SequenceEqual("State"u8) && !value.IsEmpty)
            {
                status = status with { State = value[0] };
                hasState = true;
            }
            else if (name.SequenceEqual("Uid"u8))
            {
                hasUid = Ascii.TryTakeNumber(ref value, out var uid) && uid <= uint.MaxValue;
                status = status with { RealUid = (uint)uid };
            }
            else if (name.SequenceEqual("Threads"u8) && Ascii.TryTakeNumber(ref value, out var threads))
            {
                status = status with { Threads = (int)Math.Min(threads, MaxThreads) };
            }
            else if (name.SequenceEqual("NSpid"u8))
            {
                status = WithPids(status, value);
            }
            else if (name.SequenceEqual("CapEff"u8))
            {
                hasCapabilities =
                    Utf8Parser.TryParse(value, out ulong effective, out int used, 'x') && used == value.Length;
                status = status with { EffectiveCapabilities = effective };
            }
            else if (name.SequenceEqual("Seccomp"u8) && Ascii.TryTakeNumber(ref value, out var seccomp))
            {
                status = status with { Seccomp = (int)Math.Min(seccomp, int.MaxValue) };
            }
        }

        return hasState && hasUid && hasCapabilities;
    }

    private static StatusFile WithPids(in StatusFile status, ReadOnlySpan<byte> value)
    {
        var count = 0;
        ulong last = 0;
        while (Ascii.TryTakeNumber(ref value, out var pid))
        {
            last = pid;
            count++;
            Ascii.SkipSpaces(ref value);
        }

        return status with
        {
            PidNamespaces = count,
            IsInitOfNestedNamespace = count > 1 && last == 1,
        };
    }
}
