using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Makes the announcement of a transition and remembers it.</summary>
internal static class Announcements
{
    /// <summary>Returns the memory after the transition, and the announcement; null for a silent one.</summary>
    public static (RiskMemory Next, RiskAnnouncement? Announcement) Make(
        RiskTransition transition,
        WatchRule rule,
        RiskMemory memory,
        ConstraintReport constraint,
        in Evidence evidence
    )
    {
        var now = memory.EvaluatedTime;
        var moved = memory with
        {
            Announced = transition.To,
            IsEmitted = memory.IsEmitted || transition.Announces is not null,
        };
        switch (transition.Announces)
        {
            case RiskAnnouncementType.ForkRecovered:
                return (memory.Recovered(), RiskAnnouncement.Recovered(RecoveryCause.Cleared, evidence.Percent));

            case RiskAnnouncementType.ForkAtRisk:
                var atRisk = Again(memory.AtRisk, now);
                var type =
                    constraint.Type == ConstraintType.CopyOnWrite
                        ? RiskAnnouncementType.ForkSnapshotAtRisk
                        : RiskAnnouncementType.ForkAtRisk;
                return (moved with { AtRisk = atRisk }, Of(type, atRisk.Count, rule, memory, in evidence));

            case RiskAnnouncementType.ForkImpossible:
                var impossible = Again(memory.Impossible, now);
                return (
                    moved with
                    {
                        Impossible = impossible,
                    },
                    Of(RiskAnnouncementType.ForkImpossible, impossible.Count, rule, memory, in evidence)
                );

            case RiskAnnouncementType.ForkNearLimit:
                return (
                    moved with
                    {
                        NearLimit = Again(memory.NearLimit, now),
                    },
                    Of(RiskAnnouncementType.ForkNearLimit, 1, rule, memory, in evidence)
                );

            default:
                return (memory.IsAnnounced && transition.To == RiskLevel.Clear ? memory.Recovered() : moved, null);
        }
    }

    private static RiskAnnouncement Of(
        RiskAnnouncementType type,
        int count,
        WatchRule rule,
        RiskMemory memory,
        in Evidence evidence
    ) =>
        new()
        {
            Type = type,
            Count = count,
            Percent = evidence.LeastPercent,
            IsLeast = evidence.LeastPercent != evidence.Percent,
            Lasted = memory.EvaluatedTime - (memory.WarnSince ?? memory.EvaluatedTime),
            ForecastSeconds =
                evidence.LeastPercent < rule.WarnAtPercent || evidence.RunsOut ? evidence.SecondsToLimit : null,
        };

    private static LastEmitted Again(LastEmitted? last, DateTimeOffset now) => new(now, (last?.Count ?? 0) + 1);
}
