namespace ForkGuard.Policy;

/// <summary>What the past is still worth now.</summary>
internal static class Continuity
{
    private const int ScansOfSilence = 3;

    /// <summary>
    /// The memory as of <paramref name="now"/>. After a silence, or when the clock was set back, every hold starts again,
    /// because nobody looked in between; what was announced stays.
    /// </summary>
    public static RiskMemory Carry(RiskMemory? past, TimeSpan scanInterval, DateTimeOffset now)
    {
        if (past is null)
        {
            return RiskMemory.Blank(now);
        }

        var broken = now < past.JudgedTime || now - past.EvidenceTime > scanInterval * ScansOfSilence;
        if (!broken)
        {
            return past with { JudgedTime = now };
        }

        return past with
        {
            JudgedTime = now,
            EvidenceTime = Earlier(past.EvidenceTime, now),
            WarnSince = null,
            ActSince = null,
            AtRisk = NotInFuture(past.AtRisk, now),
            Impossible = NotInFuture(past.Impossible, now),
        };
    }

    /// <summary>The condition lasts for the hold.</summary>
    public static bool IsHeld(DateTimeOffset? since, TimeSpan hold, DateTimeOffset now) => now - since >= hold;

    // An utterance in the future would silence every repetition until the clock gets there.
    private static Utterance? NotInFuture(Utterance? said, DateTimeOffset now) =>
        said is null ? null : said with { Time = Earlier(said.Time, now) };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
