using ForkGuard.Api;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>State of one target under one watch.</summary>
internal sealed record TargetState
{
    public required Target Target { get; init; }
    public required string Node { get; init; }

    /// <summary>Name, namespace and uid in the API; null for a host process and a node.</summary>
    public required PodReference? Pod { get; init; }

    /// <summary>The worst process of it, as last reported; null for a constraint that the whole node shares.</summary>
    public required ProcessReport? Process { get; init; }

    /// <summary>The constraint as last reported.</summary>
    public required ConstraintReport Constraint { get; init; }

    /// <summary>The node's overcommit mode at that time.</summary>
    public required int OvercommitMode { get; init; }

    /// <summary>The node had swap at that time.</summary>
    public bool HasSwap { get; init; }

    /// <summary>When the report that last named it was seen, as a timestamp of the controller's monotonic clock; null for none of this controller's.</summary>
    public required long? SeenTimestamp { get; init; }

    public required RiskMemory Memory { get; init; }
    public required RiskLevel Level { get; init; }
    public required ActionDecision Action { get; init; }

    /// <summary>When the node's mode or limit last moved, as of that report; null if never.</summary>
    public DateTimeOffset? LimitChangedTime { get; init; }

    /// <summary>Why the target, which the last report did not name, is recovering; null while it is named.</summary>
    public RecoveryCause? Absence { get; init; }

    /// <summary>Announced, and its recovery lasts for less than the hold.</summary>
    internal bool IsRecovering => Memory is { IsAnnounced: true, ClearSince: not null };

    internal bool IsAtRisk => Level is RiskLevel.AtRisk or RiskLevel.Impossible;

    /// <summary>Since when it is at risk, as far as this controller or its predecessor read it.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>As in <c>pod shop/redis-0, container redis, redis-server</c>; safe to print.</summary>
    public override string ToString() =>
        Pod is { } pod
            ? $"pod {pod.Namespace}/{pod.Name}{Part(", container ", Process?.Container?.Name)}, {Command}"
            : $"node {Node}{Part(", ", Process?.SystemdUnit)}{Part(", ", Process?.Command)}";

    private string Command => PrintableText.Escape(Process?.Command ?? "");

    private static string Part(string before, string? text) =>
        text is { Length: > 0 } ? before + PrintableText.Escape(text) : "";
}

/// <summary>An announcement about a target that is still to be emitted.</summary>
/// <param name="State">The target as it was then.</param>
/// <param name="Announcement">The announcement to emit.</param>
/// <param name="IsAbsent">No report names it any more, so that its numbers are of the past.</param>
/// <param name="PodIsGone">There is no pod any more to emit it on.</param>
internal sealed record Notification(
    TargetState State,
    RiskAnnouncement Announcement,
    bool IsAbsent = false,
    bool PodIsGone = false
);
