using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Judging;
using ForkGuard.Controller.Reports;
using ForkGuard.Controller.Restarting;
using ForkGuard.Controller.Statuses;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller;

/// <summary>What one term as leader knows and does; a new term begins with nothing but what the API server holds.</summary>
internal sealed class Leader : IDisposable
{
    private const int ReportWorkers = 8;
    private const int WatchWorkers = 4;

    private readonly Caches _caches;
    private readonly Boards _boards;
    private readonly Ledgers _ledgers = new();
    private readonly WatchStore _store;
    private readonly Restarter _restarter;
    private readonly ControllerLoop<Node> _nodes;
    private readonly ControllerLoop<NodeForkReport> _reports;
    private readonly ControllerLoop<ForkWatch> _forkWatches;
    private readonly ControllerLoop<ClusterForkWatch> _clusterForkWatches;

    internal Leader(
        ApiClient client,
        Caches caches,
        Func<LeaderTerm?> term,
        ControllerOptions options,
        RuntimeServices services,
        ControllerTelemetry telemetry
    )
    {
        var time = services.Time;
        var pipeline = new ApiPipeline(time);
        var cluster = new ClusterReader(client, pipeline);
        var recorder = new EventRecorder(
            client,
            pipeline,
            ControllerOptions.EventController,
            options.Lease.Identity,
            services
        );
        var notes = new EventNotes(options.Lease.Namespace);
        var events = new ForkEvents(recorder, notes, telemetry, services.Logging.CreateLogger<ForkEvents>());
        var readings = new NodeReadings(time);
        _caches = caches;
        _boards = new Boards(time);
        _store = new WatchStore(cluster, client, pipeline);
        var remover = new PodRemover(client);
        _restarter = new Restarter(
            new RestartCheck(
                new PodFactsReader(cluster, caches.Pods),
                remover,
                _ledgers,
                readings,
                options.Restarts,
                term,
                time
            ),
            remover,
            _store,
            _ledgers,
            events,
            notes,
            telemetry,
            options.Restarts,
            time,
            services.Logging.CreateLogger<Restarter>()
        );
        var reconciler = new WatchReconciler(
            _boards,
            caches,
            readings,
            _restarter,
            new RestartFollower(cluster, caches.Pods, _ledgers, readings, events, telemetry, options.Restarts, time),
            _ledgers,
            _store,
            events,
            new SuppressionMemory(telemetry),
            EnqueueReports,
            options.SilentAfter,
            time
        );
        var nodeEvents = new NodeEvents(recorder);
        var health = new ReportHealth(
            readings,
            caches.Nodes,
            new(client, pipeline, Kinds.NodeForkReports, static r => r.Status, ApiJson.Default.NodeForkReportStatus),
            nodeEvents,
            options.SilentAfter,
            time
        );
        var resolver = new ProcessResolver(caches.Pods, telemetry);
        var judge = new ReportJudge(_boards, resolver, caches.Pods, caches.Namespaces, time);
        var reports = new ReportController(
            readings,
            judge,
            _boards,
            cluster,
            health,
            nodeEvents,
            Enqueue,
            node => _nodes!.Enqueue(new ResourceKey("", node)),
            time
        );
        var after = new ControllerLoopOptions { WaitFor = caches.All };
        _nodes = new("nodes", caches.Nodes, new NodeController(cluster, caches.Reports), services, after);
        // A new watch may have every node's report patched: what is urgent must not wait behind that.
        var many = after with
        {
            Workers = ReportWorkers,
        };
        _reports = new("nodeforkreports", caches.Reports, reports, services, many);
        _forkWatches = new(
            "forkwatches",
            caches.ForkWatches,
            new ForkWatchController(reconciler),
            services,
            after with
            {
                Workers = WatchWorkers,
            }
        );
        _clusterForkWatches = new(
            "clusterforkwatches",
            caches.ClusterForkWatches,
            new ClusterForkWatchController(reconciler),
            services,
            after
        );
        telemetry.ObserveSilentNodes(() => health.SilentNodes);
        telemetry.ObservePodsAtRisk(() => PodsAtRisk);
    }

    private int PodsAtRisk =>
        _boards
            .All.SelectMany(board => board.Targets)
            .Where(target => target is { IsAtRisk: true, Pod: not null })
            .Select(target => target.Pod!.Uid)
            .Distinct(StringComparer.Ordinal)
            .Count();

    /// <summary>Leads until the term is lost. The ledgers are read live first: the caches may be older than the last leader's writes.</summary>
    internal async Task RunAsync(CancellationToken lost)
    {
        foreach (var resource in await _store.ListAsync(lost))
        {
            _ledgers.Load(resource);
        }

        _caches.Pods.OnChanged(EnqueueWatchesOf);
        await Loops.RunAsync(
            [_nodes.RunAsync, _reports.RunAsync, _forkWatches.RunAsync, _clusterForkWatches.RunAsync],
            lost
        );
    }

    public void Dispose() => _restarter.Dispose();

    private void Enqueue(WatchIdentity watch)
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

    private void EnqueueReports()
    {
        foreach (var report in _caches.Reports.List())
        {
            _reports.Enqueue(new ResourceKey("", report.Metadata?.Name ?? ""));
        }
    }

    /// <summary>A pod that goes takes its targets with it.</summary>
    private void EnqueueWatchesOf(ResourceChange<Pod> change)
    {
        if (change is { New: null, Old.Metadata.Uid: { } uid })
        {
            foreach (var board in _boards.All)
            {
                if (board.Has(uid))
                {
                    Enqueue(board.Watch.Identity);
                }
            }
        }
    }
}
