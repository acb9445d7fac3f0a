using ForkGuard.Api;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Restarting;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy;
using ForkGuard.Policy.Restarting;

namespace ForkGuard.Controller.Statuses;

/// <summary>What the status of a watch is made of.</summary>
/// <param name="Resource">The watch, with the status it has.</param>
/// <param name="Watch">The same, ready to judge by.</param>
/// <param name="Targets">Its targets, worst first.</param>
/// <param name="Nodes">The last readings of the nodes that run what it watches; null for a node that never reported.</param>
/// <param name="Suppressed">The targets whose restart was wanted and not done, worst first.</param>
/// <param name="Ledger">Its ledger.</param>
internal sealed record WatchSituation(
    WatchResource Resource,
    Watch Watch,
    IReadOnlyList<TargetState> Targets,
    IReadOnlyList<NodeReading?> Nodes,
    IReadOnlyList<SuppressedTarget> Suppressed,
    Ledger Ledger
);

/// <summary>A wanted restart that was not done.</summary>
internal sealed record SuppressedTarget(TargetState State, IReadOnlyList<Veto> Vetoes);

/// <summary>Writes the status of a watch out of what is known.</summary>
internal static class WatchStatusBuilder
{
    private const int MaxTargets = 20;
    private const string Accepted = "Accepted";
    private const string AtRisk = "AtRisk";
    private const string ActionSuppressed = "ActionSuppressed";
    private const string RestartIneffective = "RestartIneffective";

    /// <summary>The status of a watch that the validator refuses; but for the ledger the rest stays as it is.</summary>
    internal static WatchStatus Refused(
        WatchResource resource,
        IReadOnlyList<ValidationError> errors,
        Ledger ledger,
        DateTimeOffset now
    )
    {
        var status = resource.Status ?? new WatchStatus();
        var text = string.Join("; ", errors);
        return status with
        {
            LastRestart = ledger.LastRestart,
            Owners = ledger.Owners,
            ObservedGeneration = resource.Metadata.Generation,
            Conditions = Conditions.With(
                status.Conditions,
                Condition(resource, Accepted, Conditions.False, "Invalid", PrintableText.Escape(text, 1024)),
                now
            ),
        };
    }

    internal static WatchStatus Build(WatchSituation situation, DateTimeOffset now)
    {
        var resource = situation.Resource;
        var atRisk = situation.Targets.Where(target => target.IsAtRisk).ToList();
        var conditions = resource.Status?.Conditions;
        foreach (
            var condition in new[]
            {
                Condition(resource, Accepted, Conditions.True, "Valid", "the watch is judged"),
                RiskCondition(situation, atRisk),
                SuppressedCondition(situation),
                IneffectiveCondition(situation, now),
            }
        )
        {
            conditions = Conditions.With(conditions, condition, now);
        }

        return new WatchStatus
        {
            ObservedGeneration = resource.Metadata.Generation,
            Conditions = conditions,
            PodsAtRisk = atRisk
                .Select(target => target.Pod?.Uid)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Count(),
            WorstPercent = situation.Targets.Count == 0 ? 0 : situation.Targets.Max(target => target.Process.Percent),
            LastRestart = situation.Ledger.LastRestart,
            Targets = [.. atRisk.Take(MaxTargets).Select(StatusOf)],
            Owners = situation.Ledger.Owners,
        };
    }

    private static WatchTarget StatusOf(TargetState state) =>
        new()
        {
            Node = state.Node,
            Pod = state.Pod,
            Container = state.Target.IsPod ? state.Target.Container : null,
            Unit = state.Target.Unit.Length > 0 ? state.Target.Unit : null,
            Command = state.Process.Command,
            // What was announced: the next controller takes it over from here.
            Verdict = state.Level == RiskLevel.Impossible ? Verdict.CannotFork : Verdict.CanFork,
            Percent = state.Process.Percent,
            Since = state.Since,
        };

    private static Condition RiskCondition(WatchSituation situation, List<TargetState> atRisk)
    {
        var resource = situation.Resource;
        if (atRisk is [var worst, ..])
        {
            var reason = atRisk.Exists(state => state.Level == RiskLevel.Impossible) ? "ForkImpossible" : "ForkAtRisk";
            var others = atRisk.Count == 1 ? "" : $", and {atRisk.Count - 1} more";
            return Condition(
                resource,
                AtRisk,
                Conditions.True,
                reason,
                $"{situation.Watch.Rule.WhatIfPrefix}{worst} at {worst.Process.Percent} %{others}"
            );
        }

        var nodes = situation.Nodes;
        if (nodes.Count == 0)
        {
            return Condition(resource, AtRisk, Conditions.False, "NothingToWatch", "no running pod or node matches");
        }

        if (nodes.All(node => node is null))
        {
            return Condition(resource, AtRisk, Conditions.Unknown, "NoReport", "no node that runs a match reports");
        }

        var rule = situation.Watch.Rule.EvaluateAs;
        if (nodes.All(node => node?.By(rule) is null))
        {
            var text =
                $"the agents of the nodes with a match are asked to judge by {rule}, and report it at their next write; an agent of an older version never does";
            return Condition(resource, AtRisk, Conditions.Unknown, "WhatIfNotReported", text);
        }

        if (rule == EvaluationMode.Actual && nodes.All(node => node is { OvercommitMode: 1 }))
        {
            const string Text =
                "overcommit mode 1 on every node with a match: the kernel refuses no fork for accounting";
            return Condition(resource, AtRisk, Conditions.False, nameof(ActionVeto.NotApplicable), Text);
        }

        if (situation.Targets.FirstOrDefault(target => target.Level == RiskLevel.Pending) is { } pending)
        {
            var text =
                $"{pending} at {pending.Process.Percent} %, not yet for {situation.Watch.Rule.Hold.TotalSeconds} s (holdSeconds)";
            return Condition(resource, AtRisk, Conditions.False, nameof(RiskLevel.Pending), text);
        }

        return situation.Targets.Any(target => target.Level == RiskLevel.Unknown)
            ? Condition(
                resource,
                AtRisk,
                Conditions.Unknown,
                "Unreadable",
                "mappings could not be read; see the reports"
            )
            : Condition(
                resource,
                AtRisk,
                Conditions.False,
                "BelowThreshold",
                $"below {situation.Watch.Rule.WarnAtPercent} %"
            );
    }

    private static Condition SuppressedCondition(WatchSituation situation)
    {
        if (situation.Suppressed is not [{ Vetoes: [var veto, ..] vetoes } worst, ..])
        {
            return Condition(
                situation.Resource,
                ActionSuppressed,
                Conditions.False,
                "None",
                "no wanted restart is held back"
            );
        }

        var also =
            vetoes.Count == 1 ? "" : $" (also {string.Join(", ", vetoes.Skip(1).Select(other => other.Reason))})";
        var others = situation.Suppressed.Count == 1 ? "" : $"; and {situation.Suppressed.Count - 1} more";
        return Condition(
            situation.Resource,
            ActionSuppressed,
            Conditions.True,
            veto.Reason.ToString(),
            $"{worst.State}: {veto.Message}{also}{others}"
        );
    }

    private static Condition IneffectiveCondition(WatchSituation situation, DateTimeOffset now)
    {
        var giveUpAfter = situation.Watch.Policy.GiveUpAfter;
        var given = situation.Ledger.Owners.FirstOrDefault(owner => OwnerLedger.Ineffective(owner, now) >= giveUpAfter);
        return given is null
            ? Condition(situation.Resource, RestartIneffective, Conditions.False, "None", "no owner was given up")
            : Condition(
                situation.Resource,
                RestartIneffective,
                Conditions.True,
                nameof(ActionVeto.GaveUp),
                $"{given.Kind} {given.Namespace}/{given.Name}: {OwnerLedger.Ineffective(given, now)} restarts within a day did not help"
            );
    }

    private static Condition Condition(
        WatchResource resource,
        string type,
        string status,
        string reason,
        string message
    ) => Conditions.Of(type, status, reason, message, resource.Metadata.Generation);
}
