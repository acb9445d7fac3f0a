namespace ForkGuard.Policy.Risk;

/// <summary>Carries the memory of a target from one evaluation to the next.</summary>
internal static class Continuity
{
    private const int ScansOfSilence = 3;

    /// <summary>
    /// The memory as of <paramref name="now"/>. After a silence, or when the clock was set back, every hold starts again,
    /// because no reading covers the time between; what was announced stays.
    /// </summary>
    public static RiskMemory Carry(RiskMemory? past, TimeSpan scanInterval, DateTimeOffset now)
    {
        if (past is null)
        {
            return RiskMemory.Blank(now);
        }

        var broken = now < past.EvaluatedTime || now - past.EvidenceTime > scanInterval * ScansOfSilence;
        if (!broken)
        {
            return past with { EvaluatedTime = now };
        }

        return past with
        {
            EvaluatedTime = now,
            EvidenceTime = Earlier(past.EvidenceTime, now),
            WarnSince = null,
            ActSince = null,
            ClearSince = null,
            RefusesSince = null,
            AtRisk = NotInFuture(past.AtRisk, now),
            Impossible = NotInFuture(past.Impossible, now),
            Refused = NotInFuture(past.Refused, now),
        };
    }

    /// <summary>Reports whether the condition lasts for the hold.</summary>
    public static bool IsHeld(DateTimeOffset? since, TimeSpan hold, DateTimeOffset now) => now - since >= hold;

    // An announcement in the future would silence every repetition until the clock gets there.
    private static LastEmitted? NotInFuture(LastEmitted? last, DateTimeOffset now) =>
        last is null ? null : last with { Time = Earlier(last.Time, now) };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
