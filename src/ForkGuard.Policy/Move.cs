namespace ForkGuard.Policy;

/// <summary>Where the announced level goes, and what is said on the way; it is made on a fresh reading only.</summary>
internal readonly record struct Move(RiskLevel To, RiskAnnouncementType? Announces)
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(10);

    public static Move From(WatchRule rule, RiskMemory memory, in Evidence evidence, DateTimeOffset now)
    {
        if (!memory.IsAnnounced)
        {
            return Continuity.IsHeld(memory.WarnSince, rule.Hold, now)
                ? ToRisk(evidence.Refused ? RiskLevel.Impossible : RiskLevel.AtRisk, memory, now)
                : new Move(RiskLevel.Clear, Announces: null);
        }

        if (evidence.Clears)
        {
            return new Move(RiskLevel.Clear, RiskAnnouncementType.ForkRecovered);
        }

        var wasImpossible = memory.Announced == RiskLevel.Impossible;
        var to = evidence.Refused || (wasImpossible && evidence.StaysRefused) ? RiskLevel.Impossible : RiskLevel.AtRisk;
        var eases = wasImpossible && to == RiskLevel.AtRisk;
        return eases || !evidence.Warns ? new Move(to, Announces: null) : ToRisk(to, memory, now);
    }

    private static Move ToRisk(RiskLevel to, RiskMemory memory, DateTimeOffset now) =>
        to == RiskLevel.Impossible
            ? new Move(to, IsDue(memory.Impossible, now) ? RiskAnnouncementType.ForkImpossible : null)
            // ForkImpossible says all that ForkAtRisk says, so around the limit the weaker one keeps silent.
            : new Move(
                to,
                IsDue(memory.AtRisk, now) && IsDue(memory.Impossible, now) ? RiskAnnouncementType.ForkAtRisk : null
            );

    private static bool IsDue(Utterance? last, DateTimeOffset now) => last is null || now - last.Time >= RepeatEvery;
}
