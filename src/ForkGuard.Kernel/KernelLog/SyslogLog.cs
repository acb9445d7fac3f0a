using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.KernelLog;

/// <summary>
/// The kernel's log by syslog(2), which a pod may read with CAP_SYSLOG: the whole buffer at each call, of which the lines
/// after the last that was seen count. Needs printk.time, which is the default. Not for several threads at once.
/// </summary>
public sealed class SyslogLog : IKernelLog
{
    private readonly byte[] _buffer;
    private TimeSpan _last;

    private SyslogLog(byte[] buffer) => _buffer = buffer;

    /// <summary>Opens the log behind its last line.</summary>
    /// <returns>Null, with the reason in <paramref name="problem"/>, if the kernel does not allow it.</returns>
    public static SyslogLog? TryOpen(out string problem)
    {
        var size = Libc.KernelLogSize();
        var log = new SyslogLog(new byte[Math.Max(size, 0)]);
        if (size <= 0 || log.Read([]) != ReadStatus.Ok)
        {
            problem = "syslog(2) refuses to read the kernel's log: CAP_SYSLOG is required";
            return null;
        }

        problem = "";
        return log;
    }

    public ReadStatus Read(ICollection<KernelRefusal> refusals)
    {
        ArgumentNullException.ThrowIfNull(refusals);
        var n = Libc.ReadKernelLog(_buffer);
        if (n < 0)
        {
            return ProcRoot.StatusOf(-n);
        }

        _last = Parse(_buffer.AsSpan(0, n), _last, refusals);
        return ReadStatus.Ok;
    }

    /// <summary>Adds the refusals among lines of <c>&lt;priority&gt;[ seconds.microseconds] message</c> later than a time.</summary>
    /// <returns>The time of the last line, or <paramref name="after"/> without one.</returns>
    internal static TimeSpan Parse(ReadOnlySpan<byte> text, TimeSpan after, ICollection<KernelRefusal> refusals)
    {
        var last = after;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (!TryTakeTime(ref line, out var time) || time <= after)
            {
                continue;
            }

            last = time > last ? time : last;
            if (RefusalLine.TryParse(line, time, out var refusal))
            {
                refusals.Add(refusal);
            }
        }

        return last;
    }

    private static bool TryTakeTime(ref ReadOnlySpan<byte> line, out TimeSpan time)
    {
        time = default;
        var bracket = line.IndexOf("] "u8);
        var start = line.IndexOf((byte)'[');
        if (start < 0 || bracket < start || line.IsEmpty || line[0] != '<')
        {
            return false;
        }

        var stamp = line[(start + 1)..bracket];
        Ascii.SkipSpaces(ref stamp);
        line = line[(bracket + 2)..];
        return Ascii.TryTakeNumber(ref stamp, out var seconds)
            && Ascii.TryTake(ref stamp, (byte)'.')
            && Ascii.TryTakeNumber(ref stamp, out var microseconds)
            && LogTime.TryMake(seconds, microseconds, out time);
    }

    public void Dispose() { }
}
