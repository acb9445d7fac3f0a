using ForkGuard.Api;
using ForkGuard.Kernel.KernelLog;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Node.Refusals;

/// <summary>The refusals of the kernel's log since this was made. Not for several threads at once.</summary>
internal sealed class RefusalLog(IKernelLog log) : IDisposable
{
    private readonly RefusalTally _tally = new();
    private readonly List<KernelRefusal> _read = [];

    /// <summary>Opens the log by syslog(2), as a pod with CAP_SYSLOG may.</summary>
    /// <returns>Null, with the reason in <paramref name="problem"/>, if the kernel does not allow it.</returns>
    internal static RefusalLog? TryOpenBySyslog(out string problem) =>
        SyslogLog.TryOpen(out problem) is { } log ? new RefusalLog(log) : null;

    /// <summary>Opens the log by /dev/kmsg, as root of a host and a service with CAP_SYSLOG may.</summary>
    /// <returns>Null if the kernel does not allow it.</returns>
    internal static RefusalLog? TryOpenByDevice() => KmsgLog.TryOpen(out _) is { } log ? new RefusalLog(log) : null;

    /// <summary>Reads what was logged since the last call. Returns the counts of the last hour, the latest first.</summary>
    internal IReadOnlyList<RefusalReport> Read(DateTimeOffset now)
    {
        _read.Clear();
        if (log.Read(_read) == ReadStatus.Ok)
        {
            _tally.Add(_read, now);
        }

        return _tally.Counts;
    }

    public void Dispose() => log.Dispose();
}
