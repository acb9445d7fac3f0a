namespace ForkGuard.Controller.Cluster;

/// <summary>Usage of one constraint under a watch.</summary>
/// <param name="Kind">Kind of the watch.</param>
/// <param name="Namespace">Namespace of the watch; empty for a ClusterForkWatch.</param>
/// <param name="Name">Name of the watch.</param>
/// <param name="Constraint">Type of the constraint.</param>
/// <param name="PodsAtRisk">Pods at risk, each counted once.</param>
/// <param name="WorstPercent">The highest usage, in percent of its limit; null if none was measured.</param>
internal sealed record WatchRisk(
    string Kind,
    string Namespace,
    string Name,
    string Constraint,
    int PodsAtRisk,
    long? WorstPercent
);
