using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Reconcilers;
using ForkGuard.Controller.Status;
using ForkGuard.ControllerRuntime;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Hosting;

/// <summary>One term as leader: composes its parts. A new term begins with nothing but the objects of the API server.</summary>
internal sealed class Leader : IDisposable
{
    private readonly Caches _caches;
    private readonly EvaluationParts _evaluation;
    private readonly EventQueue _events;
    private readonly RestartParts _restarts;
    private readonly WantedRestarts _wanted;
    private readonly ReconcileLoops _loops;

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
        _caches = caches;
        _events = new EventQueue(services.Logging.CreateLogger<EventQueue>());
        _evaluation = new EvaluationParts(caches, options, time);
        var events = new EventPublisher(recorder, _events);
        _restarts = new RestartParts(
            client,
            cluster,
            caches,
            clock,
            term,
            _evaluation,
            events,
            options,
            services,
            telemetry
        );
        var (trackers, readings) = (_evaluation.Trackers, _evaluation.Readings);
        var riskEvents = new RiskEvents(events, _evaluation.Notes, new ImpossibleRate(time), telemetry);
        _wanted = new WantedRestarts(
            _restarts.Restarter,
            riskEvents,
            new SuppressionMemory(telemetry, time),
            watch => _loops!.Enqueue(watch),
            services.Logging.CreateLogger<WantedRestarts>(),
            time
        );
        var evaluator = new ReportEvaluator(
            trackers,
            new ProcessResolver(caches.Pods, telemetry),
            caches.Pods,
            caches.Namespaces,
            time
        );
        var selection = _evaluation.Selection;
        var watches = new WatchReconciler(
            trackers,
            new TrackerStart(evaluator, readings, selection, caches.Reports, options.SilentAfter, time),
            new TargetPruner(caches, selection, readings, options.SilentAfter, time),
            _wanted,
            new SituationReader(selection, readings, _restarts.Records, clock, options.SilentAfter),
            new WatchStatusWriter(client, pipeline, time),
            riskEvents,
            () => _loops!.EnqueueReports(),
            time
        );
        var nodeEvents = new NodeEvents(events);
        var health = new ReportHealth(
            readings,
            caches.Nodes,
            new(client, pipeline, Kinds.NodeForkReports, static r => r.Status, ApiJson.Default.NodeForkReportStatus),
            nodeEvents,
            options.SilentAfter,
            time
        );
        var reports = new ReportReconciler(
            readings,
            evaluator,
            trackers,
            cluster,
            health,
            nodeEvents,
            watch => _loops!.Enqueue(watch),
            node => _loops!.EnqueueEndedProofs(node),
            node => _loops!.EnqueueNode(node),
            clock,
            time
        );
        var nodes = new NodeReconciler(cluster, caches.Reports);
        _loops = new ReconcileLoops(caches, nodes, reports, _restarts.Reconciler, watches, services);
        telemetry.ObserveCircuit(() => _restarts.Reporter.IsCircuitOpen);
        telemetry.ObserveSilentNodes(() => health.SilentNodes);
        telemetry.ObservePodsAtRisk(() => trackers.PodsAtRisk);
        telemetry.ObserveWatches(() => trackers.Risks);
    }

    /// <summary>Leads until the term is lost.</summary>
    internal Task RunAsync(CancellationToken lost)
    {
        _caches.Pods.OnChanged(EnqueueWatchesOf);
        // Handled in the order of the stream, before a worker is free.
        _caches.Reports.OnChanged(change =>
        {
            if (change.New is { } report)
            {
                _evaluation.Readings.Arrived(report);
            }
        });
        return Loops.RunAsync([_events.RunAsync, _wanted.RunAsync, _loops.RunAsync], lost);
    }

    public void Dispose()
    {
        _loops.Dispose();
        _wanted.Dispose();
        _restarts.Dispose();
    }

    /// <summary>Removes the targets of a pod that is gone.</summary>
    private void EnqueueWatchesOf(ResourceChange<Pod> change)
    {
        if (change is { New: null, Old.Metadata.Uid: { } uid })
        {
            foreach (var tracker in _evaluation.Trackers.All)
            {
                if (tracker.Has(uid))
                {
                    _loops.Enqueue(tracker.Watch.Identity);
                }
            }
        }
    }
}
