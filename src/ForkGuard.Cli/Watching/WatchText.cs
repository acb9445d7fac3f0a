using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Output;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Watching;

/// <summary>The lines of a watch in words.</summary>
internal static class WatchText
{
    internal static IEnumerable<string> Header(in WatchHeader header, WatchPlan plan, int columns)
    {
        var lines = new List<string> { HeaderText.Of(header.State, header.Release, columns) };
        if (header.Listening is { } address)
        {
            lines.Add($"listening on {address}: /metrics, /healthz and /readyz");
        }

        AddPlan(plan, lines);
        return lines;
    }

    internal static IEnumerable<string> Reloaded(ReloadOutcome reload, DateTimeOffset time)
    {
        var lines = new List<string>();
        if (reload.Errors.Count > 0)
        {
            lines.Add(
                $"{Clock(time)} manifests not reloaded, {Count(reload.Errors.Count, "error")}: the previous ones stay in force"
            );
        }
        else
        {
            lines.Add($"{Clock(time)} manifests reloaded");
            AddPlan(reload.Plan, lines);
        }

        return lines;
    }

    private static void AddPlan(WatchPlan plan, List<string> lines)
    {
        lines.AddRange(plan.Watches.Select(w => $"watching {w.Name}, {w.Describe()}"));
        if (plan.NeedCluster.Count > 0)
        {
            lines.Add("not evaluated here, needs a cluster (pods are known by their labels there):");
            lines.AddRange(plan.NeedCluster.Select(n => $"  {PrintableText.Escape(n)}"));
        }
    }

    internal static string Event(WatchEvent e)
    {
        var who = Who(e);
        var watch = e.Watch is null ? "" : $" [{e.Watch}]";
        var count = e.Count > 1 ? $" (x{e.Count})" : "";
        var note = e.Note.Length > 0 ? $"; {e.Note}" : "";
        return $"{Clock(e.Time)} {e.Type} {who}{e.Reason}{note}{watch}{count}";
    }

    // A target without a process is the machine; the reason of an event without a watch names its subject.
    private static string Who(WatchEvent e)
    {
        if (e.Unit is { } restarted)
        {
            return $"{PrintableText.Escape(restarted)}: ";
        }

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
            : $"; worst: {PrintableText.Escape(worst.Command)} ({worst.Pid}), {Percent(worst)}";
        var undecided = outcome.Undecided == 0 ? "" : $", {outcome.Undecided} unknown";
        return $"{scan.Processes} processes, {outcome.AtRisk} at risk{undecided}{UnreadableText.Of(scan.Unreadable)}{name}";
    }

    /// <summary>Returns the line that <c>systemctl status</c> shows.</summary>
    internal static string Status(ScanOutcome outcome, int manifestErrors)
    {
        var scan = outcome.Problem is { } problem ? $"cannot evaluate: {problem}" : Scan(outcome, worst: null);
        return manifestErrors == 0 ? scan : $"{scan}; {Count(manifestErrors, "manifest error")}";
    }

    private static string Clock(DateTimeOffset time) =>
        time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Percent(ProcessReport worst) =>
        worst.Binding() is { Problem: null } binding
            ? $"{ConstraintText.Name(binding)} at {(binding.Confidence == Confidence.UpperBound ? "most " : "")}{binding.Percent} %"
            : worst.Verdict.Text;
}
