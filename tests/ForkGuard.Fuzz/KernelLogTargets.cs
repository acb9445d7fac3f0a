using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.KernelLog;

namespace ForkGuard.Fuzz;

/// <summary>The kernel's log, where anybody may write messages.</summary>
internal static class KernelLogTargets
{
    /// <summary>The same bytes as a record of /dev/kmsg and as lines of syslog(2).</summary>
    internal static void RecordAndLines(byte[] bytes)
    {
        var lines = new List<KernelRefusal>();
        var last = SyslogLog.Parse(bytes, TimeSpan.Zero, lines);
        FuzzTargets.Require(lines.TrueForAll(line => line.Time <= last), "a line after the last");
        lines.ForEach(Check);

        // Last: it unescapes in place.
        if (KmsgLog.TryParse(bytes, out var record))
        {
            Check(record);
        }
    }

    private static void Check(KernelRefusal refusal)
    {
        FuzzTargets.Require(refusal.Time >= TimeSpan.Zero, "a time before the start");
        FuzzTargets.Require(refusal.Pid >= 0 && refusal.Count >= 0, "a negative number");
        FuzzTargets.Require(refusal.Command.Length <= 15, "a name that no thread has");
        FuzzTargets.Require(
            refusal.Cgroup.Length == 0 || refusal.Kind == RefusalKind.Pids,
            "a cgroup of a refusal by memory"
        );
    }
}
