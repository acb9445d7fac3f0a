using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>
/// The common part of ForkWatch and ClusterForkWatch. A member that is null was not given;
/// <see cref="WatchDefaults"/> holds what then counts.
/// </summary>
public abstract record WatchSpec
{
    /// <summary>Containers to look at; null or absent means all.</summary>
    public IReadOnlyList<string>? Containers { get; init; }

    /// <summary>Process names to look at, compared by their first 15 bytes; absent means all.</summary>
    public IReadOnlyList<string>? Commands { get; init; }

    /// <summary>Constraints to evaluate; absent or empty means all. CopyOnWrite named here includes pods that were not seen to save.</summary>
    public IReadOnlyList<ConstraintType>? Constraints { get; init; }

    /// <summary>Warn from this percentage of the binding limit on, 1 to 100.</summary>
    public int? WarnAtPercent { get; init; }

    /// <summary>Act from this percentage of the binding limit on, 1 to 100, not below the warning.</summary>
    public int? ActAtPercent { get; init; }

    /// <summary>Recovered below this percentage, 1 to 99, below the warning.</summary>
    public int? ClearBelowPercent { get; init; }

    /// <summary>How long a level must last before it counts, 0 to 86 400 seconds.</summary>
    public int? HoldSeconds { get; init; }

    /// <summary>Warn also when growth reaches the limit within this time, 60 to 604 800 seconds; absent means no forecast.</summary>
    public int? ForecastSeconds { get; init; }

    /// <summary>The rule to evaluate by; anything but <see cref="EvaluationMode.Actual"/> is a what-if and never acts.</summary>
    public EvaluationMode? EvaluateAs { get; init; }

    public WatchAction? Action { get; init; }
    public RestartSpec? Restart { get; init; }

    /// <summary>Evaluates and reports, and never acts.</summary>
    public bool? Paused { get; init; }
}

/// <summary>The spec of a ForkWatch: pods of its own namespace.</summary>
public sealed record ForkWatchSpec : WatchSpec
{
    /// <summary>The pods to watch; required and not empty.</summary>
    public LabelSelector? Selector { get; init; }
}

/// <summary>The spec of a ClusterForkWatch: pods of many namespaces, processes of the hosts, or both.</summary>
public sealed record ClusterForkWatchSpec : WatchSpec
{
    /// <summary>The pods to watch; this or <see cref="HostProcesses"/> is required.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>The namespaces to watch; absent means all but kube-system.</summary>
    public LabelSelector? NamespaceSelector { get; init; }

    /// <summary>The processes that belong to no pod; an empty object means all of them.</summary>
    public HostProcessSelector? HostProcesses { get; init; }
}

/// <summary>Processes that belong to no pod: those of one of the units or with one of the commands; both absent means all.</summary>
public sealed record HostProcessSelector
{
    /// <summary>systemd units, such as docker.service.</summary>
    public IReadOnlyList<string>? Units { get; init; }

    /// <summary>Process names, compared by their first 15 bytes.</summary>
    public IReadOnlyList<string>? Commands { get; init; }
}

/// <summary>When and how a pod may be restarted.</summary>
public sealed record RestartSpec
{
    /// <summary>The longest <see cref="CooldownSeconds"/>: a week.</summary>
    public const int MaxCooldownSeconds = 604_800;

    public RestartMethod? Method { get; init; }

    /// <summary>Shortest time between two restarts of one owner, over all watches, 600 to 604 800 seconds.</summary>
    public int? CooldownSeconds { get; init; }

    /// <summary>Restarts of this watch under way at once, 1 to 100.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>Other replicas of the same owner that must be Ready, 0 to 1000.</summary>
    public int? MinReadyReplicas { get; init; }

    /// <summary>Restarts of one owner within a day that did not help, after which no more are tried, 1 to 100.</summary>
    public int? MaxIneffectiveRestarts { get; init; }

    /// <summary>Grace period of the eviction, 1 to 3600 seconds; absent means the pod's own.</summary>
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Restart pods that have an emptyDir, whose data would go.</summary>
    public bool? AllowLocalStorage { get; init; }

    /// <summary>When restarts are allowed; absent means always.</summary>
    public IReadOnlyList<RestartWindow>? Windows { get; init; }

    /// <summary>Go through every gate and record what would have been done.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>A span of the day on some days of the week. An end before the start reaches into the next day.</summary>
public sealed record RestartWindow
{
    /// <summary>The days the window starts on; absent means every day.</summary>
    public IReadOnlyList<WeekDay>? Days { get; init; }

    /// <summary>HH:MM, 00:00 to 23:59.</summary>
    public string? Start { get; init; }

    /// <summary>HH:MM, 00:00 to 23:59.</summary>
    public string? End { get; init; }

    /// <summary>An IANA time zone; absent means UTC.</summary>
    public string? TimeZone { get; init; }
}
