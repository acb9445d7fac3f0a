using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages;

/// <summary>Texts of an Event.</summary>
public static class EventNote
{
    /// <summary>Numbers, growth, time left, zombies, the remedy and the command that shows more; for a recovery the numbers only.</summary>
    /// <param name="type">Kind of the announcement.</param>
    /// <param name="process">The worst process of the target; null for a constraint of the node.</param>
    /// <param name="constraint">The constraint as measured.</param>
    /// <param name="place">Where the process runs.</param>
    /// <param name="facts">Facts that decide what advice fits.</param>
    public static string Of(
        RiskAnnouncementType type,
        ProcessReport? process,
        ConstraintReport constraint,
        Place place,
        AdviceFacts facts
    ) => throw new NotSupportedException();
}
