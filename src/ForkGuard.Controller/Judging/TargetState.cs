using ForkGuard.Api;
using ForkGuard.Policy;

namespace ForkGuard.Controller.Judging;

/// <summary>What is known of one target under one watch.</summary>
internal sealed record TargetState
{
    public required Target Target { get; init; }
    public required string Node { get; init; }

    /// <summary>Name, namespace and uid in the API; null for a host process.</summary>
    public required PodReference? Pod { get; init; }

    /// <summary>The worst process of it, as last reported.</summary>
    public required ProcessReport Process { get; init; }

    /// <summary>The node's overcommit mode at that time.</summary>
    public required int OvercommitMode { get; init; }

    public required RiskMemory Memory { get; init; }
    public required RiskLevel Level { get; init; }
    public required ActionDecision Action { get; init; }

    internal bool IsAtRisk => Level is RiskLevel.AtRisk or RiskLevel.Impossible;

    /// <summary>Since when it is at risk, as far as this controller or its predecessor saw.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>As in <c>pod shop/redis-0, container redis, redis-server</c>.</summary>
    public override string ToString() =>
        Pod is { } pod ? $"pod {pod.Namespace}/{pod.Name}, container {Target.Container}, {Process.Command}"
        : Target.Unit.Length > 0 ? $"node {Node}, {Target.Unit}, {Process.Command}"
        : $"node {Node}, {Process.Command}";
}

/// <summary>Something to tell about a target.</summary>
/// <param name="State">The target as it was then.</param>
/// <param name="Announcement">What to say.</param>
/// <param name="IsAbsent">No report names it any more, so that its numbers are of the past.</param>
/// <param name="PodIsGone">There is no pod any more to say it on.</param>
internal sealed record Notice(
    TargetState State,
    RiskAnnouncement Announcement,
    bool IsAbsent = false,
    bool PodIsGone = false
);
