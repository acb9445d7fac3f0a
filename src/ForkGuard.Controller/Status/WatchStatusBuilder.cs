using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Status;

/// <summary>Writes the status of a watch out of what is known.</summary>
internal static class WatchStatusBuilder
{
    private const string Ready = "Ready";
    private const string Accepted = "Accepted";
    private const string AtRisk = "AtRisk";
    private const string ActionSuppressed = "ActionSuppressed";
    private const string Invalid = "Invalid";
    private const string RestartIneffective = "RestartIneffective";
    private const string NotEvaluated = "NotEvaluated";

    /// <summary>The status of a watch that the validator refuses; the rest stays as it is.</summary>
    internal static WatchStatus Refused(
        WatchResource resource,
        IReadOnlyList<ValidationError> errors,
        DateTimeOffset now
    )
    {
        var status = resource.Status ?? new WatchStatus();
        var message = PrintableText.Escape(string.Join("; ", errors), 1024);
        return status with
        {
            ObservedGeneration = resource.Metadata.Generation,
            Conditions = With(
                status.Conditions,
                [
                    Condition(resource, Ready, Conditions.False, Invalid, message),
                    Condition(resource, Accepted, Conditions.False, Invalid, message),
                ],
                now
            ),
        };
    }

    internal static WatchStatus Build(WatchSituation situation, DateTimeOffset now)
    {
        var resource = situation.Resource;
        var atRisk = situation.Targets.Where(target => target.IsAtRisk).ToList();
        var worst = situation.Targets.Select(target => target.Constraint).FirstOrDefault(IsMeasured);
        return new WatchStatus
        {
            ObservedGeneration = resource.Metadata.Generation,
            Conditions = With(
                resource.Status?.Conditions,
                [
                    WatchReadiness.Of(situation),
                    Condition(resource, Accepted, Conditions.True, "Valid", "spec is valid"),
                    RiskCondition(situation, atRisk),
                    SuppressedCondition(situation),
                    IneffectiveCondition(situation),
                ],
                now
            ),
            PodsAtRisk = atRisk
                .Select(target => target.Pod?.Uid)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Count(),
            WorstPercent = worst?.Percent ?? 0,
            WorstConstraint = worst?.Type,
            Targets = [.. atRisk.Take(TargetMemory.MaxTargets).Select(TargetMemory.StatusOf)],
            Effective = EffectiveStatus.Of(situation.Watch),
        };
    }

    private static IReadOnlyList<Condition> With(
        IReadOnlyList<Condition>? conditions,
        IEnumerable<Condition> changed,
        DateTimeOffset now
    ) => changed.Aggregate(conditions ?? [], (all, condition) => Conditions.With(all, condition, now));

    private static Condition RiskCondition(WatchSituation situation, List<TargetState> atRisk)
    {
        var resource = situation.Resource;
        if (atRisk is [var worst, ..])
        {
            var reason =
                atRisk.Exists(state => state.Level == RiskLevel.Impossible) ? RiskAnnouncementType.ForkImpossible
                : atRisk.TrueForAll(state => state.Constraint.Type == ConstraintType.CopyOnWrite)
                    ? RiskAnnouncementType.ForkSnapshotAtRisk
                : RiskAnnouncementType.ForkAtRisk;
            var others = atRisk.Count == 1 ? "" : $", and {atRisk.Count - 1} more";
            return Condition(
                resource,
                AtRisk,
                Conditions.True,
                reason.ToString(),
                $"{WhatIf(situation, worst)}{At(worst)}{others}"
            );
        }

        var nodes = situation.Nodes;
        if (nodes.Count == 0)
        {
            return Condition(resource, AtRisk, Conditions.False, "NothingToWatch", "no running pod or node matches");
        }

        if (nodes.All(node => node is null))
        {
            return Condition(
                resource,
                AtRisk,
                Conditions.Unknown,
                "NoReport",
                "no report from any node that runs a selected pod or host process"
            );
        }

        if (nodes.Any(node => node is { SeenTimestamp: null }))
        {
            return BeforeReports(situation);
        }

        var rule = situation.Watch.Rule.EvaluateAs;
        if (nodes.All(node => node?.By(rule) is null))
        {
            var text =
                $"the agents were asked to evaluate as {rule}, and report it at their next write; an agent of an older version never does";
            return Condition(resource, AtRisk, Conditions.Unknown, "WhatIfNotReported", text);
        }

        if (IsOfAccountingAlone(situation.Watch.Rule) && nodes.All(node => node is { OvercommitMode: 1 }))
        {
            const string Text =
                "overcommit mode 1 on every node that runs a selected process: memory accounting refuses no fork";
            return Condition(resource, AtRisk, Conditions.False, nameof(BlockReason.NotApplicable), Text);
        }

        if (situation.Targets.FirstOrDefault(target => target.Level == RiskLevel.Pending) is { } pending)
        {
            var text = $"{At(pending)}, not yet for {situation.Watch.Rule.Hold.TotalSeconds} s (holdSeconds)";
            return Condition(resource, AtRisk, Conditions.False, nameof(RiskLevel.Pending), text);
        }

        if (situation.Targets.FirstOrDefault(target => target.Level == RiskLevel.NearLimit) is { } near)
        {
            var text = $"{WhatIf(situation, near)}{At(near)}, and not seen to grow";
            return Condition(resource, AtRisk, Conditions.False, nameof(RiskLevel.NearLimit), text);
        }

        return situation.Targets.Any(target => target.Level == RiskLevel.Unknown)
            ? Condition(
                resource,
                AtRisk,
                Conditions.Unknown,
                "Unreadable",
                "a constraint could not be read; see the problem in the NodeForkReports"
            )
            : Condition(
                resource,
                AtRisk,
                Conditions.False,
                "BelowThreshold",
                $"below {situation.Watch.Rule.WarnAtPercent} %"
            );
    }

    /// <summary>Reports from before the start of this controller prove nothing: what the last controller wrote stands until they are renewed.</summary>
    private static Condition BeforeReports(WatchSituation situation)
    {
        var resource = situation.Resource;
        return Last(resource, AtRisk) is { Status: not Conditions.True } last
            ? last
            : Condition(
                resource,
                AtRisk,
                Conditions.Unknown,
                NotEvaluated,
                "the next report of each node that runs a selected process is evaluated"
            );
    }

    /// <summary>A target with its percentage, as in <c>pod shop/redis-0, container redis, redis-server at 97 % (Pids)</c>.</summary>
    private static string At(TargetState state) =>
        $"{state} at {state.Constraint.Percent} % ({PrintableText.Escape(state.Constraint.Type.Text)})";

    private static string WhatIf(WatchSituation situation, TargetState state) =>
        AnnouncementText.WhatIfPrefix(situation.Watch.Rule, state.Constraint);

    // An upper bound is not a measurement, and a failed read has no numbers.
    private static bool IsMeasured(ConstraintReport constraint) =>
        constraint.Problem is null && constraint.Confidence != Confidence.UpperBound;

    private static bool IsOfAccountingAlone(WatchRule rule) =>
        rule is { EvaluateAs: EvaluationMode.Actual, Constraints: { } types }
        && types.All(type => AccountingMode.Of(type) is not null);

    private static Condition SuppressedCondition(WatchSituation situation)
    {
        if (situation.Suppressed is not [{ Blocks: [var block, ..] blocks } worst, ..])
        {
            return Condition(
                situation.Resource,
                ActionSuppressed,
                Conditions.False,
                "NotSuppressed",
                "no wanted restart is held back"
            );
        }

        var also =
            blocks.Count == 1 ? "" : $" (also {string.Join(", ", blocks.Skip(1).Select(other => other.Reason))})";
        var others = situation.Suppressed.Count == 1 ? "" : $"; and {situation.Suppressed.Count - 1} more";
        return Condition(
            situation.Resource,
            ActionSuppressed,
            Conditions.True,
            block.Reason.ToString(),
            $"{worst.State}: {block.Message}{also}{others}"
        );
    }

    /// <summary>Without the time of the API server the condition stays, because the restarts of the last day are not known.</summary>
    private static Condition IneffectiveCondition(WatchSituation situation) =>
        situation.GivenUp switch
        {
            [var first, ..] => Condition(
                situation.Resource,
                RestartIneffective,
                Conditions.True,
                nameof(BlockReason.GaveUp),
                $"{first.Workload}: {first.Ineffective} restarts within a day did not help"
            ),
            null => Last(situation.Resource, RestartIneffective)
                ?? Condition(
                    situation.Resource,
                    RestartIneffective,
                    Conditions.Unknown,
                    NotEvaluated,
                    "the time of the API server is not known yet"
                ),
            _ => Condition(
                situation.Resource,
                RestartIneffective,
                Conditions.False,
                "NotExceeded",
                "no workload has exceeded maxIneffectiveRestarts"
            ),
        };

    /// <summary>The condition of a type that the status has for this generation; null without one.</summary>
    private static Condition? Last(WatchResource resource, string type) =>
        resource.Status?.Conditions?.FirstOrDefault(condition =>
            string.Equals(condition.Type, type, StringComparison.Ordinal)
            && condition.ObservedGeneration == resource.Metadata.Generation
        );

    private static Condition Condition(
        WatchResource resource,
        string type,
        string status,
        string reason,
        string message
    ) => Conditions.Of(type, status, reason, message, resource.Metadata.Generation);
}
