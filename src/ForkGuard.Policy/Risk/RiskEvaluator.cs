using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>Evaluates readings under the rule of a watch. The same arguments give the same evaluation.</summary>
public static class RiskEvaluator
{
    /// <summary>
    /// Evaluates one constraint of a target under one rule. Keep <see cref="RiskEvaluation.Next"/> and pass it as
    /// <paramref name="past"/> the next time; null for the first evaluation of the target.
    /// </summary>
    public static RiskEvaluation Evaluate(WatchRule rule, RiskMemory? past, in RiskInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (Evidence.IsNotApplicable(rule, in input))
        {
            return NotApplicable(rule, past, input.ScanInterval, now);
        }

        rule = Continuity.WithLeastHold(rule, input.Constraint);
        var evidence = Evidence.Of(rule, in input);
        var carried = Continuity.Carry(past, input.ScanInterval, now);
        if (!evidence.Proves)
        {
            return Undecided(carried, in evidence);
        }

        var last = Refusals.Last(carried, input.Constraint);
        var refuses = evidence.Refused || Refusals.Continue(carried, last, rule.Hold);
        var memory = carried with
        {
            LastRefusals = last,
            EvidenceTime = now,
            WarnSince = Since(evidence.Warns, carried.WarnSince, now),
            ActSince = Since(evidence.Acts, carried.ActSince, now),
            ClearSince = Since(evidence.Clears, carried.ClearSince, now),
            RefusesSince = Since(refuses, carried.RefusesSince, now),
        };
        var action = Decide(rule, memory, in input);
        var transition = RiskTransition.From(rule, memory, in evidence, input.Constraint);
        if (input.Fresh)
        {
            var (counted, refused) = Refusals.Follow(memory, input.Constraint);
            var (next, announcement) = Announcements.Make(transition, rule, counted, input.Constraint, in evidence);
            RiskAnnouncement[] announcements = [.. new[] { announcement, refused }.OfType<RiskAnnouncement>()];
            return new RiskEvaluation(next, LevelOf(next), announcements, NeedsFreshReading: false, action);
        }

        var crosses = memory.WarnSince is not null && carried.WarnSince is null && !memory.IsAnnounced;
        var moves = transition.To != memory.Announced || transition.Announces is not null;
        return new RiskEvaluation(memory, LevelOf(memory), [], crosses || moves || action.Wanted, action);
    }

    /// <summary>
    /// Evaluates the absence of a target that was evaluated before: call it at every scan until the level is
    /// <see cref="RiskLevel.Clear"/>, then keep the memory in <see cref="RecentMemories{TKey}"/>. A recovery is held like a
    /// warning.
    /// </summary>
    /// <param name="rule">The rule of the watch.</param>
    /// <param name="past">Memory of the target.</param>
    /// <param name="cause">
    /// The proof: <see cref="RecoveryCause.Ended"/>, or <see cref="RecoveryCause.NoLongerReported"/> for a complete and fresh
    /// report that does not name the target. <see cref="RecoveryCause.NotApplicable"/>, if the constraint no longer applies,
    /// is not held.
    /// </param>
    /// <param name="scanInterval">Time between two scans.</param>
    /// <param name="now">The time.</param>
    public static RiskEvaluation EvaluateAbsent(
        WatchRule rule,
        RiskMemory past,
        RecoveryCause cause,
        TimeSpan scanInterval,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(past);
        var carried = Continuity.Carry(past, scanInterval, now);
        if (!past.IsAnnounced)
        {
            return Over(carried, []);
        }

        var memory = carried with
        {
            EvidenceTime = now,
            WarnSince = null,
            ActSince = null,
            RefusesSince = null,
            ClearSince = carried.ClearSince ?? now,
        };
        return cause == RecoveryCause.NotApplicable || Continuity.IsHeld(memory.ClearSince, rule.Hold, now)
            ? Over(memory, past.IsEmitted ? [RiskAnnouncement.Recovered(cause)] : [])
            : new RiskEvaluation(memory, LevelOf(memory), [], NeedsFreshReading: false, ActionDecision.None);
    }

    private static RiskEvaluation Over(RiskMemory memory, IReadOnlyList<RiskAnnouncement> announcements) =>
        new(memory.Recovered(), RiskLevel.Clear, announcements, NeedsFreshReading: false, ActionDecision.None);

    private static RiskEvaluation NotApplicable(
        WatchRule rule,
        RiskMemory? past,
        TimeSpan scanInterval,
        DateTimeOffset now
    )
    {
        var memory = Continuity.Carry(past, scanInterval, now).Recovered();
        IReadOnlyList<RiskAnnouncement> announcements = past is { IsAnnounced: true, IsEmitted: true }
            ? [RiskAnnouncement.Recovered(RecoveryCause.NotApplicable)]
            : [];
        var action =
            rule.Action == WatchAction.Restart
                ? new ActionDecision(Wanted: false, [BlockReason.NotApplicable])
                : ActionDecision.None;
        return new RiskEvaluation(memory, RiskLevel.NotApplicable, announcements, NeedsFreshReading: false, action);
    }

    private static RiskEvaluation Undecided(RiskMemory memory, in Evidence evidence)
    {
        var level = LevelOf(memory);
        var shown = level == RiskLevel.Clear && evidence.IsUnknown ? RiskLevel.Unknown : level;
        return new RiskEvaluation(memory, shown, [], evidence.Suspects, ActionDecision.None);
    }

    private static ActionDecision Decide(WatchRule rule, RiskMemory memory, in RiskInput input) =>
        rule.Action == WatchAction.Restart && Continuity.IsHeld(memory.ActSince, rule.Hold, memory.EvaluatedTime)
            ? new ActionDecision(Wanted: true, ActionGates.BlockedBy(rule, memory, in input))
            : ActionDecision.None;

    private static DateTimeOffset? Since(bool holds, DateTimeOffset? since, DateTimeOffset now) =>
        holds ? since ?? now : null;

    private static RiskLevel LevelOf(RiskMemory memory) =>
        memory.IsAnnounced ? memory.Announced
        : memory.WarnSince is null ? RiskLevel.Clear
        : RiskLevel.Pending;
}
