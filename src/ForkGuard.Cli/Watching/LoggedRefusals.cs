using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.KernelLog;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Refusals;

namespace ForkGuard.Cli.Watching;

/// <summary>
/// Refusals in the kernel's log, as events: the only trace of a process that lives for milliseconds. Only root may read the log.
/// Not for several threads at once.
/// </summary>
internal sealed class LoggedRefusals : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly IKernelLog _log;
    private readonly RefusalTally _tally = new();
    private readonly RefusalEmission _emission = new();
    private readonly List<KernelRefusal> _refusals = [];

    private LoggedRefusals(ProcRoot proc, IKernelLog log)
    {
        _proc = proc;
        _log = log;
    }

    /// <summary>Null without root, for another /proc than this machine's, and where the log may not be read.</summary>
    internal static LoggedRefusals? TryOpen(ProcRoot proc) =>
        Environment.IsPrivilegedProcess && proc.Path == "/proc" && KmsgLog.TryOpen(out _) is { } log
            ? new LoggedRefusals(proc, log)
            : null;

    /// <summary>Adds an event for each command or cgroup and each watch that selects it.</summary>
    internal void AddEvents(IReadOnlyList<HostWatch> watches, DateTimeOffset now, ICollection<WatchEvent> events)
    {
        _refusals.Clear();
        _ = _log.Read(_refusals);
        _tally.Add(_refusals, now);
        foreach (var count in _emission.TakeDue(_tally.Counts, now))
        {
            var process = ProcessOf(count);
            foreach (var watch in watches.Where(watch => Selects(watch, count, process)))
            {
                events.Add(
                    new WatchEvent(now, "ForkRefused", ReasonOf(count, now))
                    {
                        Watch = watch.Name,
                        Process = count.Kind == RefusalKind.Memory ? process : null,
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

    private static string ReasonOf(RefusalReport count, DateTimeOffset now)
    {
        var seconds = (long)(now - count.Since).TotalSeconds;
        var times = $"{count.Count} {(count.Count == 1 ? "time" : "times")}";
        var period = seconds < 1 ? "" : $" within {SizeText.Duration(seconds)}";
        var size = count.LastBytes is { } bytes ? $", the last of {SizeText.Bytes(bytes)}" : "";
        return count.Kind.Known switch
        {
            RefusalKind.Pids =>
                $"the kernel refused a fork in cgroup {PrintableText.Escape(count.Name)} at its pids limit, as its log shows",
            RefusalKind.Memory => $"the kernel refused a fork or a mapping {times}{period}{size}, as its log shows",
            _ => $"the kernel refused forks or mappings {times}{period} and did not log whose",
        };
    }
}
