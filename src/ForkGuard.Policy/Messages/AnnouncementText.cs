using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages;

/// <summary>Sentences of the announcements.</summary>
public static class AnnouncementText
{
    /// <summary>One short sentence without a full stop.</summary>
    public static string Of(WatchRule rule, RiskAnnouncement announcement, ConstraintReport constraint) =>
        throw new NotSupportedException();
}
