using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Policy.Matching;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Kubectl;

/// <summary>A watch of a pod.</summary>
/// <param name="Watch">The watch.</param>
/// <param name="NoTarget">Reason for which the pod is not among its targets; null if it is.</param>
internal sealed record PodWatch(JsonObject Watch, string? NoTarget)
{
    /// <summary>Returns the watch if it selects the pod or has it among its targets; null otherwise.</summary>
    /// <param name="watch">A ForkWatch or a ClusterForkWatch.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="space">Its namespace; null if it may not be read.</param>
    /// <param name="report">Report of the pod's node; null without one.</param>
    internal static PodWatch? Of(JsonObject watch, OwnedPod pod, ObjectMeta? space, JsonObject? report)
    {
        if (HasTarget(watch, pod))
        {
            return new PodWatch(watch, NoTarget: null);
        }

        if (Parse(watch) is not var (selector, spec) || !selector.SelectsPod(pod.Pod.MetadataOf(), space))
        {
            return null;
        }

        var reason =
            ReasonOfWatch(watch)
            ?? ReasonOfReport(report, pod)
            ?? new PodReading(WatchRule.From(watch.NameOf(), spec), spec, selector).ReasonOf(
                ReportRows.Parse(report!)!,
                pod.Uid
            )
            ?? ReasonOfLevel(watch);
        return new PodWatch(watch, reason);
    }

    /// <summary>Reports whether the labels of namespaces decide about the pods of the watch.</summary>
    internal static bool SelectsNamespaces(JsonObject watch) =>
        Parse(watch) is var (selector, _) && selector.SelectsNamespaces;

    private static bool HasTarget(JsonObject watch, OwnedPod pod) =>
        watch
            .Objects("status", "targets")
            .Any(target => target.Text("pod", "namespace") == pod.Namespace && target.Text("pod", "name") == pod.Name);

    /// <summary>The selection and the spec; null for a watch that this version cannot read.</summary>
    private static (WatchSelector Selector, WatchSpec Spec)? Parse(JsonObject watch)
    {
        try
        {
            // Lists of a namespaced kind do not have the kind in each item.
            return watch.NamespaceOf().Length > 0
                ? watch.Deserialize(ApiJson.Default.ForkWatch) is { Spec: { } spec } own
                    ? (WatchSelector.Of(own), spec)
                    : null
                : watch.Deserialize(ApiJson.Default.ClusterForkWatch) is { Spec: { } clusterSpec } cluster
                    ? (WatchSelector.Of(cluster), clusterSpec)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? ReasonOfWatch(JsonObject watch) =>
        watch.Condition("Accepted").Text("status") == "False"
            ? $"the watch is not accepted: {watch.Condition("Accepted").Text("message")}"
        : watch.Number("status", "observedGeneration") != watch.Number("metadata", "generation")
            ? "no controller has evaluated this version of the watch yet"
        : null;

    private static string? ReasonOfReport(JsonObject? report, OwnedPod pod) =>
        report is null ? $"no report of node {pod.Node} can be read"
        : !report.HasCondition("Ready")
            ? $"the report of node {pod.Node} is not current: {report.Condition("Ready").Text("message")}"
        : ReportRows.Parse(report)?.Status is null ? $"the report of node {pod.Node} cannot be read by this version"
        : null;

    /// <summary>A level that was reached and is not announced: the watch has one sentence for the first of its pods.</summary>
    private static string ReasonOfLevel(JsonObject watch) =>
        watch.Condition("AtRisk") is { } risk && risk.Text("status") != "True"
            ? $"{risk.Text("reason")}: {risk.Text("message")}"
            : "the level is not held for holdSeconds yet, the usage does not grow, or 20 worse targets are listed";
}
