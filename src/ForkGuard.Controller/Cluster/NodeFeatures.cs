namespace ForkGuard.Controller.Cluster;

/// <summary>Features of a node, read from its fields.</summary>
internal static class NodeFeatures
{
    internal const string SystemLabel = "kubernetes.io/os";
    internal const string ZoneLabel = "topology.kubernetes.io/zone";

    /// <summary>The agent can run on the node: it has no label of its operating system, or that of Linux.</summary>
    internal static bool IsLinux(this Node node) =>
        node.Metadata?.Labels?.GetValueOrDefault(SystemLabel) is null or "linux";

    internal static string? Zone(this Node node) => node.Metadata?.Labels?.GetValueOrDefault(ZoneLabel);
}
