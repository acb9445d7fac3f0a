using ForkGuard.Api;

namespace ForkGuard.Controller.Status;

/// <summary>Builds the summary condition of a valid watch: it is evaluated on every node that runs a selected process.</summary>
internal static class WatchReadiness
{
    private const string Ready = "Ready";

    internal static Condition Of(WatchSituation situation)
    {
        var nodes = situation.Nodes;
        var missing = nodes.Count(node => node is null);
        if (missing > 0)
        {
            return Condition(
                situation,
                Conditions.False,
                "ReportsMissing",
                $"nodes that run a selected process and do not report: {missing} of {nodes.Count}"
            );
        }

        if (nodes.Any(node => node!.SeenTimestamp is null))
        {
            return
                situation.Resource.Status?.Conditions?.FirstOrDefault(condition => condition.Type == Ready) is { } last
                && last.ObservedGeneration == situation.Resource.Metadata.Generation
                ? last
                : Condition(
                    situation,
                    Conditions.Unknown,
                    "NotEvaluated",
                    "the next report of each node that runs a selected process is evaluated"
                );
        }

        var rule = situation.Watch.Rule.EvaluateAs;
        var lacking = nodes.Count(node => node!.By(rule) is null);
        return lacking > 0
            ? Condition(
                situation,
                Conditions.False,
                "WhatIfNotReported",
                $"nodes that do not report by the rule {rule} yet: {lacking} of {nodes.Count}"
            )
            : Condition(
                situation,
                Conditions.True,
                nodes.Count == 0 ? "NothingToWatch" : "Evaluated",
                nodes.Count == 0 ? "no running pod or node matches"
                    : nodes.Count == 1 ? "the reports of 1 node are evaluated"
                    : $"the reports of {nodes.Count} nodes are evaluated"
            );
    }

    private static Condition Condition(WatchSituation situation, string status, string reason, string message) =>
        Conditions.Of(Ready, status, reason, message, situation.Resource.Metadata.Generation);
}
