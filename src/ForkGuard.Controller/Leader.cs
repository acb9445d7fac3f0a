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
    private readonly NodeReadings _readings;
    private readonly EventQueue _events;
    private readonly Restarter _restarter;
    private readonly ControllerLoop<Node> _nodes;
    private readonly ControllerLoop<NodeForkReport> _reports;
    private readonly ControllerLoop<ForkRestart> _records;
    private readonly ControllerLoop<ForkWatch> _forkWatches;
    private readonly ControllerLoop<ClusterForkWatch> _clusterForkWatches;

    internal Leader(
        ApiClient client,
        Caches caches,
        ServerClock clock,
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
        _events = new EventQueue(services.Logging.CreateLogger<EventQueue>());
        var events = new ForkEvents(recorder, _events, notes, telemetry);
        var readings = _readings = new NodeReadings(time);
        _caches = caches;
        _boards = new Boards(time);
        var store = new WatchStore(cluster, client, pipeline);
        var records = new RestartStore(cluster, caches.ForkRestarts);
        var owners = new OwnerReader(cluster);
        var remover = new PodRemover(client, options.Restarts.Times.CallTimeout);
        var blocked = new BlockedCalls(time);
        var local = new LocalFacts(caches, records, blocked, term);
        var log = new RestartLog(services.Logging.CreateLogger<RestartLog>());
        var reporter = new RestartReporter(events, records, telemetry, log, clock);
        var runner = new RestartRunner(
            records,
            new FactsReader(
                cluster,
                records,
                store,
                owners,
                new SiblingReader(cluster),
                remover,
                new RestartSwitch(cluster, options.Lease.Namespace),
                new LeaseReader(client, options.Lease, time),
                local
            ),
            new ReplacementReader(readings, _boards, caches.Pods, time),
            remover,
            blocked,
            reporter,
            clock,
            options.Restarts,
            options.Lease,
            term
        );
        _restarter = new Restarter(
            new RestartRequests(_boards, readings, caches, notes, options.Restarts, time),
            local,
            records,
            cluster,
            owners,
            runner,
            caches.Pods,
            log,
            clock,
            options.Restarts,
            time
        );
        var reconciler = new WatchReconciler(
            _boards,
            caches,
            readings,
            _restarter,
            records,
            store,
            clock,
            events,
            new SuppressionMemory(telemetry),
            EnqueueReports,
            options.SilentAfter,
            time
        );
        var nodeEvents = new NodeEvents(recorder, _events);
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
        _records = new(
            "forkrestarts",
            caches.ForkRestarts,
            new RecordController(runner, records, options.Restarts),
            services,
            after with
            {
                Workers = WatchWorkers,
            }
        );
        telemetry.ObserveCircuit(() => reporter.IsCircuitOpen);
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

    /// <summary>Leads until the term is lost.</summary>
    internal async Task RunAsync(CancellationToken lost)
    {
        _caches.Pods.OnChanged(EnqueueWatchesOf);
        // In the order of the stream, and before a worker has time for it.
        _caches.Reports.OnChanged(change =>
        {
            if (change.New is { } report)
            {
                _readings.Arrived(report);
            }
        });
        await Loops.RunAsync(
            [
                _events.RunAsync,
                _nodes.RunAsync,
                _reports.RunAsync,
                _records.RunAsync,
                _forkWatches.RunAsync,
                _clusterForkWatches.RunAsync,
            ],
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
