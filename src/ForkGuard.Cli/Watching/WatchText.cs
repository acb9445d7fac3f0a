using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Watching;

/// <summary>The lines of a watch in words.</summary>
internal static class WatchText
{
    internal static IEnumerable<string> Header(in KernelState state, string release, WatchPlan plan, int columns)
    {
        var lines = new List<string> { HeaderText.Of(state, release, columns) };
        lines.AddRange(plan.Watches.Select(w => $"watching {w.Name}, {w.Describe()}"));
        if (plan.NeedCluster.Count > 0)
        {
            lines.Add("not evaluated here, needs a cluster (pods are known by their labels there):");
            lines.AddRange(plan.NeedCluster.Select(n => $"  {PrintableText.Escape(n)}"));
        }

        return lines;
    }

    internal static string Event(WatchEvent e)
    {
        var time = e.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var who = Who(e);
        var watch = e.Watch is null ? "" : $" [{e.Watch}]";
        var count = e.Count > 1 ? $" (x{e.Count})" : "";
        var note = e.Note.Length > 0 ? $"; {e.Note}" : "";
        return $"{time} {e.Type} {who}{e.Reason}{note}{watch}{count}";
    }

    // A target without a process is the machine; the reason of an event without a watch names its subject.
    private static string Who(WatchEvent e)
    {
        if (e.Process is not { } process)
        {
            return e.Watch is null ? "" : "this machine: ";
        }

        var unit = process.SystemdUnit is { } name ? $" of {PrintableText.Escape(name)}" : "";
        var others = process.ProcessCount is > 1 and var count ? $", the worst of {count} processes" : "";
        return $"{PrintableText.Escape(process.Command)} ({process.Pid}){unit}{others}: ";
    }

    internal static string End(int scans, int events) =>
        $"stopped after {Count(scans, "scan")} and {Count(events, "event")}";

    internal static string Scan(ScanOutcome outcome, ProcessReport? worst)
    {
        var scan = outcome.Scan;
        var name = worst is null
            ? ""
            : $"; worst: {PrintableText.Escape(worst.Command)} ({worst.Pid}) {Percent(worst)}";
        var undecided = outcome.Undecided == 0 ? "" : $", {outcome.Undecided} unknown";
        return $"{scan.Processes} processes, {outcome.AtRisk} at risk{undecided}{UnreadableText.Of(scan.Unreadable)}{name}";
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Percent(ProcessReport worst) =>
        worst.Binding() is { } binding
            ? $"{(binding.Confidence == Confidence.UpperBound ? "at most " : "")}{binding.Percent} % of {ConstraintText.Name(binding)}"
            : worst.Verdict.Text;
}
