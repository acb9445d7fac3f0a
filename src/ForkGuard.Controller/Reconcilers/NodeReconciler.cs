using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>Creates the report of each node that runs Linux. It goes when the node goes.</summary>
internal sealed class NodeReconciler(ClusterReader cluster, IResourceCache<NodeForkReport> reports)
    : IEntityController<Node>
{
    public async Task<ReconciliationResult> ReconcileAsync(Node entity, CancellationToken cancellationToken)
    {
        var name = entity.Metadata?.Name ?? "";
        if (
            entity.Metadata?.DeletionTimestamp is null
            && entity.IsLinux()
            && reports.Get(new ResourceKey("", name)) is null
        )
        {
            await cluster.CreateAsync(Kinds.NodeForkReports, ReportOf(name, entity.Metadata?.Uid), cancellationToken);
        }

        return ReconciliationResult.Done;
    }

    // The report is owned by the node: the garbage collector removes it.
    public Task DeletedAsync(Node entity, CancellationToken cancellationToken) => Task.CompletedTask;

    private static NodeForkReport ReportOf(string node, string? uid) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = node,
                OwnerReferences =
                [
                    new OwnerReference
                    {
                        ApiVersion = "v1",
                        Kind = "Node",
                        Name = node,
                        Uid = uid,
                    },
                ],
            },
            Spec = new NodeForkReportSpec
            {
                ReportAtPercent = WatchDefaults.ReportAtPercent,
                ScanSeconds = WatchDefaults.ScanSeconds,
            },
        };
}
