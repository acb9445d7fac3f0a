using System.Diagnostics.CodeAnalysis;
using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>Decides what a reading means: what to say, whether to act, and why not. The same arguments give the same judgement.</summary>
public static class RiskJudge
{
    /// <summary>
    /// Judges one reading under one rule. Keep <see cref="Judgement.Next"/> and give it as <paramref name="past"/> the
    /// next time; null says that nothing was judged before.
    /// </summary>
    public static Judgement Judge(WatchRule rule, RiskMemory? past, in RiskInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (Evidence.IsNotApplicable(rule, in input))
        {
            return NotApplicable(rule, past, in input, now);
        }

        var evidence = Evidence.Of(rule, input.Reading);
        var carried = Continuity.Carry(past, input.ScanInterval, now);
        if (!evidence.Tells)
        {
            return Undecided(carried, input.Reading.Verdict, evidence.Suspects);
        }

        var memory = carried with
        {
            EvidenceTime = now,
            WarnSince = evidence.Warns ? carried.WarnSince ?? now : null,
            ActSince = evidence.Acts ? carried.ActSince ?? now : null,
        };
        var action = Decide(rule, memory, in input, now);
        var move = Move.From(rule, memory, in evidence, now);
        if (input.Fresh)
        {
            var (next, said) = Make(move, rule, memory, input.Reading, in evidence);
            return new Judgement(next, LevelOf(next), said, NeedsFreshReading: false, action);
        }

        var crosses = memory.WarnSince is not null && carried.WarnSince is null && !memory.IsAnnounced;
        var moves = move.To != memory.Announced || move.Announces is not null;
        var needsFresh = crosses || moves || action.Wanted;
        return new Judgement(memory, LevelOf(memory), Announcement: null, needsFresh, action);
    }

    /// <summary>What to say when the process has ended: a recovery if it had been announced at risk, otherwise null.</summary>
    [SuppressMessage("Style", "IDE0060", Justification = "Every decision takes its time as an argument.")]
    public static RiskAnnouncement? Gone(WatchRule rule, RiskMemory past, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(past);
        return past.IsAnnounced ? Recovered(Reasons.Gone(rule)) : null;
    }

    /// <summary>
    /// What to say when a complete report does not name the process any more: a recovery if it had been announced at
    /// risk, otherwise null. Give it only where the report would have named whatever is not recovered. In overcommit mode 1
    /// a report names no process.
    /// </summary>
    [SuppressMessage("Style", "IDE0060", Justification = "Every decision takes its time as an argument.")]
    public static RiskAnnouncement? NoLongerReported(
        WatchRule rule,
        RiskMemory past,
        int overcommitMode,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(past);
        return !past.IsAnnounced ? null
            : rule.EvaluateAs == EvaluationMode.Actual && overcommitMode == 1
                ? Recovered(Reasons.NeverRefused(rule, overcommitMode))
            : Recovered(Reasons.NoLongerReported(rule));
    }

    private static Judgement NotApplicable(WatchRule rule, RiskMemory? past, in RiskInput input, DateTimeOffset now)
    {
        var recovery = past is { IsAnnounced: true }
            ? Recovered(Reasons.NeverRefused(rule, input.OvercommitMode))
            : null;
        var action =
            rule.Action == WatchAction.Restart
                ? new ActionDecision(Wanted: false, ActionGates.Vetoes(rule, in input, now))
                : ActionDecision.None;
        return new Judgement(
            RiskMemory.Blank(now),
            RiskLevel.NotApplicable,
            recovery,
            NeedsFreshReading: false,
            action
        );
    }

    private static Judgement Undecided(RiskMemory memory, Verdict verdict, bool needsFresh)
    {
        var level = LevelOf(memory);
        var said = level == RiskLevel.Clear && verdict == Verdict.Unknown ? RiskLevel.Unknown : level;
        return new Judgement(memory, said, Announcement: null, needsFresh, ActionDecision.None);
    }

    private static ActionDecision Decide(WatchRule rule, RiskMemory memory, in RiskInput input, DateTimeOffset now) =>
        rule.Action == WatchAction.Restart && Continuity.IsHeld(memory.ActSince, rule.Hold, now)
            ? new ActionDecision(Wanted: true, ActionGates.Vetoes(rule, in input, now))
            : ActionDecision.None;

    private static (RiskMemory Next, RiskAnnouncement? Said) Make(
        Move move,
        WatchRule rule,
        RiskMemory memory,
        ProcessReport reading,
        in Evidence evidence
    )
    {
        var now = memory.JudgedTime;
        switch (move.Announces)
        {
            case RiskAnnouncementType.ForkRecovered:
                return (RiskMemory.Blank(now), Recovered(Reasons.Cleared(rule, in evidence)));

            case RiskAnnouncementType.ForkAtRisk:
                var atRisk = new Utterance(now, (memory.AtRisk?.Count ?? 0) + 1);
                var lasted = now - (memory.WarnSince ?? now);
                return (
                    memory with
                    {
                        Announced = move.To,
                        AtRisk = atRisk,
                    },
                    new RiskAnnouncement(
                        RiskAnnouncementType.ForkAtRisk,
                        Reasons.AtRisk(rule, reading, in evidence, lasted),
                        atRisk.Count
                    )
                );

            case RiskAnnouncementType.ForkImpossible:
                var impossible = new Utterance(now, (memory.Impossible?.Count ?? 0) + 1);
                return (
                    memory with
                    {
                        Announced = move.To,
                        Impossible = impossible,
                    },
                    new RiskAnnouncement(
                        RiskAnnouncementType.ForkImpossible,
                        Reasons.Impossible(rule, reading),
                        impossible.Count
                    )
                );

            default:
                return (memory with { Announced = move.To }, null);
        }
    }

    private static RiskAnnouncement Recovered(string reason) =>
        new(RiskAnnouncementType.ForkRecovered, reason, Count: 1);

    private static RiskLevel LevelOf(RiskMemory memory) =>
        memory.IsAnnounced ? memory.Announced
        : memory.WarnSince is null ? RiskLevel.Clear
        : RiskLevel.Pending;
}
