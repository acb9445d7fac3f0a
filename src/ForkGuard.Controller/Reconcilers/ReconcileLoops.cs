using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Reconcilers;

/// <summary>The queues of all kinds, and their workers.</summary>
internal sealed class ReconcileLoops : IDisposable
{
    private const int ReportWorkers = 8;
    private const int WatchWorkers = 4;

    /// <summary>A restart in progress holds budget and waits for its proof: failed steps do not delay it for minutes.</summary>
    private static readonly WorkQueueOptions OfRecords = new() { MaxDelay = TimeSpan.FromSeconds(5) };

    private readonly Caches _caches;
    private readonly RestartReconciler _restarts;
    private readonly ControllerLoop<Node> _nodes;
    private readonly ControllerLoop<NodeForkReport> _reports;
    private readonly ControllerLoop<ForkRestart> _records;
    private readonly ControllerLoop<ForkWatch> _forkWatches;
    private readonly ControllerLoop<ClusterForkWatch> _clusterForkWatches;

    internal ReconcileLoops(
        Caches caches,
        NodeReconciler nodes,
        ReportReconciler reports,
        RestartReconciler records,
        WatchReconciler watches,
        RuntimeServices services
    )
    {
        _caches = caches;
        _restarts = records;
        var after = new ControllerLoopOptions { WaitFor = caches.All };
        _nodes = new("nodes", caches.Nodes, nodes, services, after);
        // A new watch may have every node's report patched: what is urgent must not wait behind that.
        _reports = new("nodeforkreports", caches.Reports, reports, services, after with { Workers = ReportWorkers });
        _records = new(
            "forkrestarts",
            caches.ForkRestarts,
            records,
            services,
            after with
            {
                Workers = WatchWorkers,
                Queue = OfRecords,
            }
        );
        _forkWatches = new(
            "forkwatches",
            caches.ForkWatches,
            new ForkWatchReconciler(watches),
            services,
            after with
            {
                Workers = WatchWorkers,
            }
        );
        _clusterForkWatches = new(
            "clusterforkwatches",
            caches.ClusterForkWatches,
            new ClusterForkWatchReconciler(watches),
            services,
            after
        );
    }

    internal Task RunAsync(CancellationToken cancellationToken) =>
        Loops.RunAsync(
            [
                _nodes.RunAsync,
                _reports.RunAsync,
                _records.RunAsync,
                _forkWatches.RunAsync,
                _clusterForkWatches.RunAsync,
            ],
            cancellationToken
        );

    internal void Enqueue(WatchIdentity watch)
    {
        var key = new ResourceKey(watch.Namespace, watch.Name);
        if (watch.Kind == ForkGuardApi.ForkWatchKind)
        {
            _forkWatches.Enqueue(key);
        }
        else
        {
            _clusterForkWatches.Enqueue(key);
        }
    }

    public void Dispose()
    {
        _nodes.Dispose();
        _reports.Dispose();
        _records.Dispose();
        _forkWatches.Dispose();
        _clusterForkWatches.Dispose();
    }

    internal void EnqueueNode(string node) => _nodes.Enqueue(new ResourceKey("", node));

    /// <summary>Enqueues the restarts whose proof ends by the last report of a node.</summary>
    internal void EnqueueEndedProofs(string node)
    {
        foreach (var record in _caches.ForkRestarts.ByIndex(Caches.ByReplacementNode, node))
        {
            if (_restarts.EndsProof(record))
            {
                _records.Enqueue(RestartStore.KeyOf(record));
            }
        }
    }

    internal void EnqueueReports()
    {
        foreach (var report in _caches.Reports.List())
        {
            _reports.Enqueue(new ResourceKey("", report.Metadata?.Name ?? ""));
        }
    }
}
