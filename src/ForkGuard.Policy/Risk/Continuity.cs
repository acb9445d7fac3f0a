using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Carries the memory of a target from one evaluation to the next.</summary>
public static class Continuity
{
    private const int ScansOfSilence = 3;

    /// <summary>Shorter than the time between any two readings.</summary>
    private static readonly TimeSpan SecondReading = TimeSpan.FromTicks(1);

    /// <summary>
    /// The memory as of <paramref name="now"/>. After a silence, or when the clock was set back, every hold starts again,
    /// because no reading covers the time between; what was announced stays.
    /// </summary>
    internal static RiskMemory Carry(RiskMemory? past, TimeSpan scanInterval, DateTimeOffset now)
    {
        if (past is null)
        {
            return RiskMemory.Blank(now);
        }

        if (!IsBroken(past, scanInterval, now))
        {
            return past with { EvaluatedTime = now };
        }

        return past.WithoutHolds() with
        {
            EvaluatedTime = now,
            EvidenceTime = Earlier(past.EvidenceTime, now),
            NearLimit = NotInFuture(past.NearLimit, now),
            AtRisk = NotInFuture(past.AtRisk, now),
            Impossible = NotInFuture(past.Impossible, now),
            Refused = NotInFuture(past.Refused, now),
        };
    }

    /// <summary>Reports whether no reading proved anything for three scans, or the clock was set back.</summary>
    public static bool IsBroken(RiskMemory past, TimeSpan scanInterval, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(past);
        return now < past.EvaluatedTime || now - past.EvidenceTime > scanInterval * ScansOfSilence;
    }

    /// <summary>
    /// The rule under which a commit charge counts from its second reading on. While a fork begins and while its child ends,
    /// the child's memory is committed and no listed process has it (kernel/fork.c, dup_mmap; mm/mmap.c, exit_mmap). A single
    /// reading may therefore include a save that it cannot recognise.
    /// </summary>
    internal static WatchRule WithLeastHold(WatchRule rule, ConstraintReport constraint) =>
        IsMomentary(constraint) && rule.Hold <= TimeSpan.Zero ? rule with { Hold = SecondReading } : rule;

    /// <summary>Reports whether a refusal since a time is more than one reading of a charge that may be gone by the next.</summary>
    internal static bool IsConfirmed(DateTimeOffset? since, ConstraintReport constraint, DateTimeOffset now) =>
        !IsMomentary(constraint) || IsHeld(since, SecondReading, now);

    /// <summary>Reports whether the condition lasts for the hold.</summary>
    internal static bool IsHeld(DateTimeOffset? since, TimeSpan hold, DateTimeOffset now) => now - since >= hold;

    private static bool IsMomentary(ConstraintReport constraint) => constraint.Type == ConstraintType.CommitCharge;

    // An announcement in the future would silence every repetition until the clock gets there.
    private static LastEmitted? NotInFuture(LastEmitted? last, DateTimeOffset now) =>
        last is null ? null : last with { Time = Earlier(last.Time, now) };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
