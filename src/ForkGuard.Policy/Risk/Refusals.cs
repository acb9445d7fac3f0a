using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>Follows the kernel's count of forks that it refused for a constraint.</summary>
internal static class Refusals
{
    /// <summary>
    /// The count rose, or the last rise is less than half of the hold ago: refusals last for the hold only if they go on.
    /// </summary>
    public static bool Continue(RiskMemory memory, RefusalCount? last, TimeSpan hold) =>
        last?.RoseTime is { } rose && (rose == memory.EvaluatedTime || memory.EvaluatedTime - rose < hold / 2);

    /// <summary>Returns the count of now, with the time of its last rise.</summary>
    public static RefusalCount? Last(RiskMemory memory, ConstraintReport constraint)
    {
        if (constraint.Refused is not { } total)
        {
            return null;
        }

        var now = memory.EvaluatedTime;
        var before = memory.LastRefusals?.ScopeName == constraint.ScopeName ? memory.LastRefusals : null;
        var rose = total > before?.Total ? now : before?.RoseTime;
        return new RefusalCount(total, now, constraint.ScopeName) { RoseTime = rose > now ? null : rose };
    }

    /// <summary>The count rose since it was last emitted.</summary>
    private static bool Rose(RiskMemory memory, ConstraintReport constraint) =>
        memory.Refusals is { } known && known.ScopeName == constraint.ScopeName && constraint.Refused > known.Total;

    /// <summary>Returns the memory with the count of now, and an announcement if it rose and one is due.</summary>
    public static (RiskMemory Next, RiskAnnouncement? Announcement) Follow(
        RiskMemory memory,
        ConstraintReport constraint
    )
    {
        var now = memory.EvaluatedTime;
        if (constraint.Refused is not { } total)
        {
            return (memory, null);
        }

        // A lower count is that of a cgroup that was made again, and each limiting cgroup has its own.
        var counted = new RefusalCount(total, now, constraint.ScopeName);
        if (!Rose(memory, constraint) || memory.Refusals is not { } known)
        {
            return (memory with { Refusals = counted }, null);
        }

        if (!RiskTransition.IsDue(memory.Refused, now))
        {
            return (memory, null);
        }

        var emitted = new LastEmitted(now, (memory.Refused?.Count ?? 0) + 1);
        var announcement = new RiskAnnouncement
        {
            Type = RiskAnnouncementType.ForkRefused,
            Count = emitted.Count,
            RefusedCount = total - known.Total,
            RefusedSince = known.Time,
        };
        return (memory with { Refusals = counted, Refused = emitted }, announcement);
    }
}
