using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>Everything that is known about the forks of one pod.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Report">Report of its node; null if there is none.</param>
/// <param name="Unread">Reason for which the report may not be read; null if it may.</param>
/// <param name="UnreadWatches">Reason for which ClusterForkWatches may not be listed; null if they may.</param>
/// <param name="UnreadRestarts">Reason for which restart records may not be listed; null if they may.</param>
/// <param name="UnreadNamespace">Reason for which the namespace may not be read, whose labels a watch asks for; null otherwise.</param>
/// <param name="Watches">Watches that select the pod or have it among their targets.</param>
/// <param name="Restart">Restart record of its workload; null if there was no restart.</param>
/// <param name="Events">Events of ForkGuard on the pod, the last one last.</param>
internal sealed record PodHistory(
    OwnedPod Pod,
    JsonObject? Report,
    string? Unread,
    string? UnreadWatches,
    string? UnreadRestarts,
    string? UnreadNamespace,
    IReadOnlyList<PodWatch> Watches,
    JsonObject? Restart,
    IReadOnlyList<JsonObject> Events
)
{
    private const int MaxEvents = 10;

    private static readonly string[] WatchConditions = ["AtRisk", "ActionSuppressed", "RestartIneffective"];

    private IEnumerable<ReportRow> OfPod =>
        Report is null ? [] : ReportRows.AllOf(Report).Where(row => row.Process?.Pod?.Uid == Pod.Uid).WorstFirst();

    private IEnumerable<ReportRow> OfNode =>
        Report is null ? [] : ReportRows.AllOf(Report).Where(row => row.Process is null).WorstFirst();

    internal static async Task<PodHistory> ReadAsync(KubectlSession session, OwnedPod pod, CancellationToken stop)
    {
        var ns = Uri.EscapeDataString(pod.Namespace);
        var reader = session.Reader;
        var (report, unread) = await ReadIfAllowedAsync(
            reader,
            $"{ClusterObjects.Group}/nodeforkreports/{Uri.EscapeDataString(pod.Node)}",
            stop
        );
        var watches = await reader.ListAsync($"{ClusterObjects.Group}/namespaces/{ns}/forkwatches", "", stop);
        var (clusterWatches, unreadWatches) = await ListIfAllowedAsync(
            reader,
            $"{ClusterObjects.Group}/clusterforkwatches",
            stop
        );
        var (restarts, unreadRestarts) = await ListIfAllowedAsync(
            reader,
            $"{ClusterObjects.Group}/namespaces/{ns}/forkrestarts",
            stop
        );
        var (space, unreadNamespace) = clusterWatches.Any(PodWatch.SelectsNamespaces)
            ? await ReadIfAllowedAsync(reader, $"api/v1/namespaces/{ns}", stop)
            : (null, null);
        var events = await reader.ListAsync(
            $"api/v1/namespaces/{ns}/events",
            $"fieldSelector=involvedObject.name%3D{Uri.EscapeDataString(pod.Name)}",
            stop
        );
        return new PodHistory(
            pod,
            report,
            unread,
            unreadWatches,
            unreadRestarts,
            unreadNamespace,
            [
                .. watches
                    .Concat(clusterWatches)
                    .Select(watch => PodWatch.Of(watch, pod, space?.MetadataOf(), report))
                    .OfType<PodWatch>(),
            ],
            restarts.FirstOrDefault(restart => ClusterObjects.OwnerOf(restart) == $"{pod.OwnerKind}/{pod.OwnerName}"),
            [.. events.Where(IsOurs).OrderBy(TimeOf, StringComparer.Ordinal).TakeLast(MaxEvents)]
        );
    }

    private static async Task<(IReadOnlyList<JsonObject> Objects, string? Unread)> ListIfAllowedAsync(
        ClusterReader reader,
        string path,
        CancellationToken stop
    )
    {
        try
        {
            return (await reader.ListAsync(path, "", stop), null);
        }
        catch (ClusterException e) when (e.IsForbidden)
        {
            return ([], e.Message);
        }
    }

    /// <summary>A user of a namespace may see its watches and restarts, and not the reports of nodes.</summary>
    private static async Task<(JsonObject? Object, string? Unread)> ReadIfAllowedAsync(
        ClusterReader reader,
        string path,
        CancellationToken stop
    )
    {
        try
        {
            return (await reader.GetAsync(path, stop), null);
        }
        catch (ClusterException e) when (e.IsForbidden)
        {
            return (null, e.Message);
        }
    }

    private static bool IsOurs(JsonObject e) =>
        (e.Text("reportingComponent") ?? e.Text("source", "component") ?? "").StartsWith(
            "forkguard.io/",
            StringComparison.Ordinal
        );

    private static string TimeOf(JsonObject e) =>
        e.Text("series", "lastObservedTime")
        ?? e.Text("lastTimestamp")
        ?? e.Text("eventTime")
        ?? e.Text("metadata", "creationTimestamp")
        ?? "";

    /// <summary>The first condition by which a watch does nothing, as <c>REASON: message</c>; null if nothing holds it back.</summary>
    private static string? GateOf(JsonObject watch) =>
        watch.HasCondition("ActionSuppressed")
            ? $"{watch.Condition("ActionSuppressed").Text("reason")}: {watch.Condition("ActionSuppressed").Text("message")}"
            : null;

    internal IEnumerable<string> Lines()
    {
        var owner = Pod.OwnerKind.Length > 0 ? $", {Pod.OwnerKind} {Pod.OwnerName}" : "";
        yield return PrintableText.Escape($"pod {Pod.Namespace}/{Pod.Name} on node {Pod.Node}{owner}");
        foreach (var line in ConstraintLines())
        {
            yield return PrintableText.Escape(line);
        }

        yield return "Watches:";
        var unreadWatches = new[] { UnreadWatches, UnreadNamespace }
            .OfType<string>()
            .Select(why => $"  unknown: {why}");
        foreach (
            var line in Watches.SelectMany(WatchLines).Concat(unreadWatches).DefaultIfEmpty("  none selects the pod")
        )
        {
            yield return PrintableText.Escape(line);
        }

        yield return "Restarts:";
        foreach (var line in RestartLines().DefaultIfEmpty("  none of its workload"))
        {
            yield return PrintableText.Escape(line);
        }

        yield return "Events:";
        foreach (var line in Events.Select(EventLine).DefaultIfEmpty("  none"))
        {
            yield return PrintableText.Escape(line);
        }
    }

    private IEnumerable<string> ConstraintLines()
    {
        if (Report is null)
        {
            yield return "Constraints:";
            yield return $"  unknown: {Unread ?? $"node {Pod.Node} has no report; kubectl forkguard status shows why"}";
            yield break;
        }

        var ready = Report.HasCondition("Ready")
            ? ""
            : $" ({Report.Condition("Ready").Text("message") ?? "not ready"})";
        yield return $"Constraints at {Report.Text("status", "observedTime") ?? "an unknown time"}{ready}:";
        var own = OfPod.ToList();
        foreach (var row in own)
        {
            var process = row.Process!;
            yield return $"  {row.Constraint, -16} {row.Percent, 5} %  {row.Usage}, {Who(process)}, {row.Verdict}{Pace(row)}";
        }

        if (own.Count == 0)
        {
            var below = Report.Number("status", "omittedBelowPercent") ?? ProcessReport.ListedFromPercent;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  no process of the pod is in the report: every constraint is below {below} %, or its agent has not seen it yet"
            );
        }

        foreach (var row in OfNode)
        {
            yield return $"  {row.Constraint, -16} {row.Percent, 5} %  {row.Usage}, all of the node, {row.Verdict}{Pace(row)}";
        }
    }

    private static string Who(ProcessReport process) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{process.Command} ({process.Pid}){(process.Container?.Name is { } name ? $" in {name}" : "")}"
        );

    private static string Pace(ReportRow row) =>
        row.Growth == "-" ? "" : $", grows {row.Growth}{(row.Left == "-" ? "" : $", {row.Left} left")}";

    private static IEnumerable<string> WatchLines(PodWatch found)
    {
        var watch = found.Watch;
        var paused = watch.IsTrue("spec", "paused") ? ", paused" : "";
        yield return $"  {ClusterObjects.NameOfWatch(watch)}, action {watch.Text("spec", "action") ?? "Event"}{paused}";
        if (found.NoTarget is { } reason)
        {
            yield return $"    not a target: {reason}";
            yield break;
        }

        foreach (var type in WatchConditions.Where(type => watch.HasCondition(type)))
        {
            yield return $"    {type}: {watch.Condition(type).Text("reason")}: {watch.Condition(type).Text("message")}";
        }
    }

    private IEnumerable<string> RestartLines()
    {
        if (UnreadRestarts is not null)
        {
            yield return $"  unknown: {UnreadRestarts}";
        }

        if (Restart is null)
        {
            yield break;
        }

        var state = Restart.Text("status", "state") ?? "Idle";
        var cooldown = Restart.Text("status", "cooldown", "until") is { } until ? $", cooldown until {until}" : "";
        yield return $"  {ClusterObjects.OwnerOf(Restart)}: {state}{cooldown}";
        foreach (var past in Restart.Objects("status", "history").Take(MaxEvents))
        {
            yield return $"  {past.Text("endedTime")}  {past.Text("result")}  {past.Text("pod", "name")}  {past.Text("message")}";
        }
    }

    private static string EventLine(JsonObject e) =>
        $"  {TimeOf(e)}  {e.Text("type")}  {e.Text("reason")}  {e.Text("message") ?? e.Text("note")}";

    internal JsonObject ToJson() =>
        new()
        {
            ["namespace"] = Pod.Namespace,
            ["pod"] = Pod.Name,
            ["node"] = Pod.Node,
            ["owner"] = Pod.OwnerKind.Length > 0 ? $"{Pod.OwnerKind}/{Pod.OwnerName}" : null,
            ["observedTime"] = Report.Text("status", "observedTime"),
            ["constraints"] = new JsonArray([.. OfPod.Concat(OfNode).Select(ClusterTopCommand.ToJson)]),
            ["watches"] = new JsonArray([
                .. Watches.Select(found => new JsonObject
                {
                    ["watch"] = ClusterObjects.NameOfWatch(found.Watch),
                    ["action"] = found.Watch.Text("spec", "action") ?? "Event",
                    ["paused"] = found.Watch.IsTrue("spec", "paused"),
                    ["notTargetReason"] = found.NoTarget,
                    ["suppressed"] = found.NoTarget is null ? GateOf(found.Watch) : null,
                }),
            ]),
            ["restart"] = Restart.At("status")?.DeepClone(),
            ["events"] = new JsonArray([
                .. Events.Select(e => new JsonObject
                {
                    ["time"] = TimeOf(e),
                    ["type"] = e.Text("type"),
                    ["reason"] = e.Text("reason"),
                    ["message"] = e.Text("message") ?? e.Text("note"),
                }),
            ]),
        };
}
