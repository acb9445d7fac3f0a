using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Refusals;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Watching;

/// <summary>
/// Refusals in the kernel's log, as events: the only trace of a process that lives for milliseconds. It takes root or CAP_SYSLOG where kernel.dmesg_restrict is set.
/// Not for several threads at once.
/// </summary>
internal sealed class LoggedRefusals : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly RefusalLog _log;
    private readonly LoggedRefusalEmission _emission = new();

    private LoggedRefusals(ProcRoot proc, RefusalLog log)
    {
        _proc = proc;
        _log = log;
    }

    /// <summary>Null for another /proc than this machine's, and where the log may not be read.</summary>
    internal static LoggedRefusals? TryOpen(ProcRoot proc) =>
        proc.Path == "/proc" && RefusalLog.TryOpenByDevice() is { } log ? new LoggedRefusals(proc, log) : null;

    /// <summary>Adds an event for each command or cgroup and each watch that selects it.</summary>
    internal void AddEvents(IReadOnlyList<HostWatch> watches, DateTimeOffset now, ICollection<WatchEvent> events)
    {
        foreach (var count in _emission.TakeDue(_log.Read(now), now))
        {
            var process = ProcessOf(count);
            foreach (var watch in watches.Where(watch => Selects(watch, count, process)))
            {
                events.Add(
                    new WatchEvent(now, "ForkRefused", LoggedRefusalText.Of(count))
                    {
                        Watch = watch.Name,
                        Process = count.Kind == RefusalKind.Memory ? process : null,
                        Refusal = count,
                    }
                );
            }
        }
    }

    public void Dispose() => _log.Dispose();

    // A cgroup has no command: only a watch over everything selects it.
    private ProcessReport ProcessOf(RefusalReport count) =>
        count.Kind == RefusalKind.Memory
            ? new ProcessReport
            {
                Pid = count.LastPid ?? 0,
                Command = count.Name,
                SystemdUnit = CgroupMembership.Read(_proc, count.LastPid ?? 0).Unit,
            }
            : new ProcessReport();

    private static bool Selects(HostWatch watch, RefusalReport count, ProcessReport process)
    {
        var isEvaluated =
            count.Kind == RefusalKind.Pids
                ? watch.Rule.Evaluates(ConstraintType.Pids)
                : watch.Rule.Evaluates(ConstraintType.LargestMapping)
                    || watch.Rule.Evaluates(ConstraintType.CommitCharge);
        return isEvaluated && watch.Rule.EvaluateAs == EvaluationMode.Actual && watch.Matches(process);
    }
}
