using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Status;

/// <summary>State from which the status of a watch is built.</summary>
/// <param name="Resource">The watch, with the status it has.</param>
/// <param name="Watch">The same, validated.</param>
/// <param name="Targets">Its targets, worst first.</param>
/// <param name="Nodes">The last readings of the nodes that run what it watches; null for a node that never reported.</param>
/// <param name="Suppressed">The targets whose restart was wanted and not done, worst first.</param>
/// <param name="GivenUp">The workloads that are not restarted any more; null while the time of the API server is unknown.</param>
internal sealed record WatchSituation(
    WatchResource Resource,
    Watch Watch,
    IReadOnlyList<TargetState> Targets,
    IReadOnlyList<NodeReading?> Nodes,
    IReadOnlyList<SuppressedTarget> Suppressed,
    IReadOnlyList<GivenUpWorkload>? GivenUp
);

/// <summary>A workload whose restarts did not help, as in <c>Deployment shop/redis</c>.</summary>
internal sealed record GivenUpWorkload(string Workload, int Ineffective);

/// <summary>A wanted restart that was not done.</summary>
internal sealed record SuppressedTarget(TargetState State, IReadOnlyList<RestartBlock> Blocks);
