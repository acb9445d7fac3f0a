using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>When and how a watch allows a restart, with every default filled in.</summary>
public sealed record RestartPolicy
{
    public required RestartMethod Method { get; init; }

    /// <summary>Shortest time between two restarts of one owner, over all watches.</summary>
    public required TimeSpan Cooldown { get; init; }

    /// <summary>Restarts of this watch under way at once.</summary>
    public required int MaxConcurrent { get; init; }

    /// <summary>Other replicas of the same owner that must be Ready.</summary>
    public required int MinReadyReplicas { get; init; }

    /// <summary>Restarts of one owner within a day that did not help, after which no more are tried.</summary>
    public required int MaxIneffectiveRestarts { get; init; }

    /// <summary>Seconds; null means the pod's own.</summary>
    public int? GracePeriodSeconds { get; init; }

    public required bool AllowLocalStorage { get; init; }

    /// <summary>Empty means always.</summary>
    public required IReadOnlyList<RestartWindow> Windows { get; init; }

    /// <summary>The policy of a watch whose spec has passed the validator; null counts as a <c>restart</c> without members.</summary>
    public static RestartPolicy From(RestartSpec? spec) =>
        new()
        {
            Method = spec?.Method ?? WatchDefaults.Method,
            Cooldown = TimeSpan.FromSeconds(spec?.CooldownSeconds ?? WatchDefaults.CooldownSeconds),
            MaxConcurrent = spec?.MaxConcurrent ?? WatchDefaults.MaxConcurrent,
            MinReadyReplicas = spec?.MinReadyReplicas ?? WatchDefaults.MinReadyReplicas,
            MaxIneffectiveRestarts = spec?.MaxIneffectiveRestarts ?? WatchDefaults.MaxIneffectiveRestarts,
            GracePeriodSeconds = spec?.GracePeriodSeconds,
            AllowLocalStorage = spec?.AllowLocalStorage ?? false,
            Windows = spec?.Windows ?? [],
        };
}
