using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Cluster;

/// <summary>
/// The part of an object that its cache holds: what decisions need of all of them. Annotations of a pod alone may be larger than all
/// else of it.
/// </summary>
internal static class CachedParts
{
    private static readonly string[] PodAnnotations =
    [
        PodFeatures.MirrorAnnotation,
        PodFeatures.HashAnnotation,
        OptOut.Annotation,
        OptOut.SafeToEvict,
    ];

    private static readonly string[] NodeLabels = [NodeFeatures.SystemLabel, NodeFeatures.ZoneLabel];

    internal static Pod ForCache(this Pod pod) =>
        pod with
        {
            Metadata = pod.Metadata is { } metadata
                ? metadata with
                {
                    Annotations = Only(metadata.Annotations, PodAnnotations),
                }
                : null,
            Status = pod.Status is { } status
                ? status with
                {
                    ContainerStatuses = null,
                    InitContainerStatuses = null,
                    EphemeralContainerStatuses = null,
                }
                : null,
        };

    internal static Node ForCache(this Node node) =>
        node with
        {
            Metadata = node.Metadata is { } metadata
                ? metadata with
                {
                    Labels = Only(metadata.Labels, NodeLabels),
                    Annotations = null,
                }
                : null,
        };

    internal static Namespace ForCache(this Namespace space) =>
        space with
        {
            Metadata = space.Metadata is { } metadata ? metadata with { Annotations = null } : null,
        };

    /// <summary>
    /// Returns the report with the readings of the one before if both are of the same scan, which trackers hold already: the controller
    /// itself writes to annotations, spec and conditions.
    /// </summary>
    internal static NodeForkReport Share(NodeForkReport held, NodeForkReport report) =>
        report.Status is { ObservedTime: { } time } status && held.Status is { } before && before.ObservedTime == time
            ? report with
            {
                Status = status with
                {
                    Constraints = before.Constraints,
                    Processes = before.Processes,
                    WhatIf = before.WhatIf,
                },
            }
            : report;

    private static Dictionary<string, string>? Only(IReadOnlyDictionary<string, string>? all, string[] names)
    {
        Dictionary<string, string>? kept = null;
        foreach (var name in names)
        {
            if (all?.GetValueOrDefault(name) is { } value)
            {
                kept ??= new Dictionary<string, string>(StringComparer.Ordinal);
                kept.Add(name, value);
            }
        }

        return kept;
    }
}
