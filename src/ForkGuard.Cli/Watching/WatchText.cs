using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;

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
            lines.Add("not judged here, needs a cluster (pods are known by their labels there):");
            lines.AddRange(plan.NeedCluster.Select(n => $"  {PrintableText.Escape(n)}"));
        }

        return lines;
    }

    internal static string Event(WatchEvent e)
    {
        var time = e.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var who = e.Process is { } p ? $"{PrintableText.Escape(p.Command)} ({p.Pid}): " : "";
        var watch = e.Watch is null ? "" : $" [{e.Watch}]";
        var count = e.Count > 1 ? $" (x{e.Count})" : "";
        return $"{time} {e.Type} {who}{e.Reason}; {e.Note}{watch}{count}";
    }

    internal static string End(int scans, int events) =>
        $"stopped after {Count(scans, "scan")} and {Count(events, "event")}";

    internal static string Scan(ScanOutcome outcome, ProcessReport? worst)
    {
        var scan = outcome.Scan;
        var name = worst is null
            ? ""
            : $"; worst: {PrintableText.Escape(worst.Command)} ({worst.Pid}) {Percent(worst)}";
        return $"{scan.Processes} processes, {outcome.AtRisk} at risk{UnreadableText.Of(scan.Unreadable)}{name}";
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Percent(ProcessReport worst) =>
        worst.LimitBytes is null
            ? SizeText.Bytes(worst.UsedBytes)
            : $"{(worst.Mapping is null ? "at most " : "")}{worst.Percent} %";
}
