using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages;

/// <summary>Sentences of the announcements.</summary>
public static class AnnouncementText
{
    /// <summary>One short sentence without a full stop.</summary>
    /// <param name="rule">The rule of the watch.</param>
    /// <param name="announcement">The announcement.</param>
    /// <param name="process">The worst process of the target; null for a constraint of the node.</param>
    /// <param name="constraint">The constraint as evaluated; for an absent target as last known.</param>
    public static string Of(
        WatchRule rule,
        RiskAnnouncement announcement,
        ProcessReport? process,
        ConstraintReport constraint
    )
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(announcement);
        ArgumentNullException.ThrowIfNull(constraint);
        var sentence = announcement.Type switch
        {
            RiskAnnouncementType.ForkAtRisk => AtRisk(rule, announcement, constraint),
            RiskAnnouncementType.ForkNearLimit => NearLimit(rule, announcement, constraint),
            RiskAnnouncementType.ForkImpossible => Impossible(constraint),
            RiskAnnouncementType.ForkSnapshotAtRisk => SnapshotAtRisk(announcement),
            RiskAnnouncementType.ForkRefused => Refused(announcement),
            _ => Recovered(rule, announcement, constraint),
        };
        return WhatIfPrefix(rule, constraint) + sentence + KillPart(announcement, process, constraint);
    }

    /// <summary>Start of every sentence about an accounting constraint under a what-if; empty otherwise.</summary>
    public static string WhatIfPrefix(WatchRule rule, ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Type.Known is not { } type || AccountingMode.Of(type) is null
            ? ""
            : rule.EvaluateAs switch
            {
                EvaluationMode.Heuristic => "what if heuristic: ",
                EvaluationMode.Strict => "what if strict: ",
                _ => "",
            };
    }

    private static string KillPart(
        RiskAnnouncement announcement,
        ProcessReport? process,
        ConstraintReport constraint
    ) =>
        announcement.IsWarning
        && constraint.Type.Known is ConstraintType.CopyOnWrite or ConstraintType.ContainerMemory
        && OomKillText.Of(process) is { } kill
            ? $"; {kill}"
            : "";

    private static string AtRisk(WatchRule rule, RiskAnnouncement announcement, ConstraintReport constraint)
    {
        if (announcement.ForecastSeconds is not { } left)
        {
            return Level(rule, announcement);
        }

        var pace = constraint.GrowthPerMinute is { } growth
            ? $"at +{ConstraintText.Amount(constraint, growth)}/min "
            : "";
        var forecast = SizeText.Duration((long)(rule.Forecast?.TotalSeconds ?? 0));
        return $"{pace}the limit is reached in {SizeText.Duration(left)} (forecast {forecast})";
    }

    private static string NearLimit(WatchRule rule, RiskAnnouncement announcement, ConstraintReport constraint)
    {
        var growth =
            constraint.Growing == false ? "steady"
            : constraint.GrowthPerMinute > 0 ? "growing for too short a time to warn"
            : "not known to grow";
        return $"{Level(rule, announcement)}, {growth}";
    }

    private static string Level(WatchRule rule, RiskAnnouncement announcement)
    {
        var least = announcement.IsLeast ? "at least " : "";
        var lasted =
            announcement.Lasted < TimeSpan.FromSeconds(1)
                ? $" (warns at {rule.WarnAtPercent} %)"
                : $", at or above {rule.WarnAtPercent} % for {SizeText.Duration((long)announcement.Lasted.TotalSeconds)}";
        return $"{least}{announcement.Percent} % of the limit{lasted}";
    }

    private static string Impossible(ConstraintReport constraint)
    {
        if (constraint.Type == ConstraintType.PidNamespace)
        {
            return "a fork is refused, the init of the pid namespace has ended";
        }

        var lasting = constraint.Used - Math.Max(0, constraint.ForkChildren ?? 0);
        return constraint.Unit == ConstraintUnit.Bytes && lasting > constraint.Limit
            ? $"a fork is refused, {ConstraintText.Amount(constraint, lasting - constraint.Limit)} over the limit"
            : "a fork is refused, the limit is reached";
    }

    private static string SnapshotAtRisk(RiskAnnouncement announcement) =>
        announcement.ForecastSeconds is { } left
            ? $"the running save reaches the memory limit in {SizeText.Duration(left)}"
            : $"a save may not survive, an earlier one took {announcement.Percent} % of the memory that is free for it";

    private static string Refused(RiskAnnouncement announcement)
    {
        var forks = announcement.RefusedCount == 1 ? "1 fork" : $"{announcement.RefusedCount} forks";
        return announcement.RefusedSince is { } since
            ? $"the kernel refused {forks} since {since.UtcDateTime:HH:mm:ss} UTC"
            : $"the kernel refused {forks}";
    }

    private static string Recovered(WatchRule rule, RiskAnnouncement announcement, ConstraintReport constraint) =>
        announcement.Recovery switch
        {
            RecoveryCause.Ended => "the process has ended",
            RecoveryCause.NoLongerReported =>
                $"the process has ended or is below {rule.ClearBelowPercent} % of the limit",
            RecoveryCause.NotApplicable => rule.EvaluateAs == EvaluationMode.Actual
            && constraint.Type.Known is { } type
            && AccountingMode.Of(type) is not null
                ? "the overcommit mode changed, and the kernel no longer applies this constraint"
                : "the constraint no longer applies to this process",
            _ => $"{announcement.Percent} % of the limit (clears below {rule.ClearBelowPercent} %)",
        };
}
