namespace ForkGuard.Policy.Risk;

/// <summary>Kinds of announcement; the names are the reasons of the Events.</summary>
public enum RiskAnnouncementType
{
    ForkAtRisk,
    ForkNearLimit,
    ForkImpossible,
    ForkSnapshotAtRisk,
    ForkRefused,
    ForkRecovered,
}

/// <summary>Why a risk is over.</summary>
public enum RecoveryCause
{
    /// <summary>Usage is below <see cref="WatchRule.ClearBelowPercent"/>.</summary>
    Cleared,

    /// <summary>The process has ended.</summary>
    Ended,

    /// <summary>A report that would name the target if it were not recovered does not name it.</summary>
    NoLongerReported,

    /// <summary>The constraint no longer applies, as after a change of the overcommit mode.</summary>
    NotApplicable,
}

/// <summary>Something to emit now.</summary>
public sealed record RiskAnnouncement
{
    public required RiskAnnouncementType Type { get; init; }

    /// <summary>1 the first time, higher for each repetition since the last recovery.</summary>
    public required int Count { get; init; }

    /// <summary>The proven usage, in percent of the limit, rounded down; null without a limit.</summary>
    public int? Percent { get; init; }

    /// <summary><see cref="Percent"/> is less than what was measured, because of its uncertainty or of fork children.</summary>
    public bool IsLeast { get; init; }

    /// <summary>Time for which the warning condition holds.</summary>
    public TimeSpan Lasted { get; init; }

    /// <summary>Seconds until the proven usage reaches the limit; only where the forecast warns and the level does not.</summary>
    public long? ForecastSeconds { get; init; }

    /// <summary>Forks that the kernel refused since <see cref="RefusedSince"/> (ForkRefused).</summary>
    public long RefusedCount { get; init; }

    public DateTimeOffset? RefusedSince { get; init; }

    /// <summary>Only for ForkRecovered.</summary>
    public RecoveryCause? Recovery { get; init; }

    /// <summary>The type of the Event: Warning, or Normal for a steady level and a recovery.</summary>
    public bool IsWarning => Type is not (RiskAnnouncementType.ForkNearLimit or RiskAnnouncementType.ForkRecovered);

    internal static RiskAnnouncement Recovered(RecoveryCause cause, int? percent = null) =>
        new()
        {
            Type = RiskAnnouncementType.ForkRecovered,
            Count = 1,
            Percent = percent,
            Recovery = cause,
        };
}
