using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>Change of the announced level and its announcement, made on a fresh reading only.</summary>
internal readonly record struct RiskTransition(RiskLevel To, RiskAnnouncementType? Announces)
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(10);

    /// <summary>Returns the transition that the evidence leads to.</summary>
    /// <param name="rule">The rule of the watch.</param>
    /// <param name="memory">The memory with the conditions as of now.</param>
    /// <param name="evidence">The reading.</param>
    /// <param name="constraint">The constraint of the reading.</param>
    public static RiskTransition From(
        WatchRule rule,
        RiskMemory memory,
        in Evidence evidence,
        ConstraintReport constraint
    )
    {
        var now = memory.EvaluatedTime;
        var growing = constraint.Growing;
        var isRefused = evidence.Refused && Continuity.IsConfirmed(memory.RefusesSince, constraint, now);
        if (isRefused || (memory.Announced == RiskLevel.Impossible && evidence.StaysRefused))
        {
            return new(
                RiskLevel.Impossible,
                evidence.Warns && IsDue(memory.Impossible, now) ? RiskAnnouncementType.ForkImpossible : null
            );
        }

        if (!evidence.Warns)
        {
            return memory.IsAnnounced && Continuity.IsHeld(memory.ClearSince, rule.Hold, now)
                ? new(RiskLevel.Clear, memory.IsEmitted ? RiskAnnouncementType.ForkRecovered : null)
                : new(Eased(memory.Announced, growing), Announces: null);
        }

        return IsUrgent(rule, memory, in evidence)
            ? ToAtRisk(rule, memory, in evidence)
            : ToNearLimit(rule, memory, growing);
    }

    /// <summary>An announcement of a kind may be made again.</summary>
    internal static bool IsDue(LastEmitted? last, DateTimeOffset now) => last is null || now - last.Time >= RepeatEvery;

    // Forks that the kernel keeps refusing are a risk at any growth.
    private static bool IsUrgent(WatchRule rule, RiskMemory memory, in Evidence evidence) =>
        evidence.IsUrgent || Continuity.IsHeld(memory.RefusesSince, rule.Hold, memory.EvaluatedTime);

    private static RiskTransition ToAtRisk(WatchRule rule, RiskMemory memory, in Evidence evidence)
    {
        var now = memory.EvaluatedTime;
        if (!evidence.WarnsAtOnce && !Continuity.IsHeld(memory.WarnSince, rule.Hold, now))
        {
            return new(Eased(memory.Announced, growing: true), Announces: null);
        }

        // ForkImpossible includes what ForkAtRisk means, so around the limit only the stronger one is emitted.
        var isDue = IsDue(memory.AtRisk, now) && IsDue(memory.Impossible, now);
        return new(RiskLevel.AtRisk, isDue ? RiskAnnouncementType.ForkAtRisk : null);
    }

    private static RiskTransition ToNearLimit(WatchRule rule, RiskMemory memory, bool? growing)
    {
        var now = memory.EvaluatedTime;
        var isHeld = Continuity.IsHeld(memory.WarnSince, rule.Hold, now);
        var level = memory.IsAnnounced
            ? memory.Announced == RiskLevel.AtRisk && growing == false
                ? RiskLevel.NearLimit
                : Eased(memory.Announced, growing)
            : isHeld
                ? RiskLevel.NearLimit
                : RiskLevel.Clear;
        var isDue = isHeld && !memory.IsEmitted && IsDue(memory.NearLimit, now);
        return new(level, isDue ? RiskAnnouncementType.ForkNearLimit : null);
    }

    private static RiskLevel Eased(RiskLevel announced, bool? growing) =>
        announced != RiskLevel.Impossible ? announced
        : growing == true ? RiskLevel.AtRisk
        : RiskLevel.NearLimit;
}
