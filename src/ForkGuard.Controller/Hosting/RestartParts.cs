using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Reconcilers;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Hosting;

/// <summary>Composes the part that restarts.</summary>
internal sealed class RestartParts : IDisposable
{
    internal RestartParts(
        ApiClient client,
        ClusterReader cluster,
        Caches caches,
        ServerClock clock,
        Func<LeaderTerm?> term,
        EvaluationParts evaluation,
        EventPublisher events,
        ControllerOptions options,
        RuntimeServices services,
        ControllerTelemetry telemetry
    )
    {
        var time = services.Time;
        Records = new RestartStore(cluster, caches.ForkRestarts);
        var owners = new OwnerReader(cluster);
        var remover = new PodRemover(client, options.Restarts.Times.CallTimeout, time);
        var blocked = new BlockedCalls(time);
        var local = new LocalFacts(caches, Records, blocked, term);
        var log = new RestartLog(services.Logging.CreateLogger<RestartLog>());
        Reporter = new RestartReporter(events, Records, telemetry, log, clock);
        var facts = new FactsReader(
            cluster,
            Records,
            new WatchReader(cluster),
            owners,
            new SiblingReader(cluster),
            remover,
            new RestartSwitch(cluster, options.Lease.Namespace),
            new LeaseReader(client, options.Lease, time),
            local
        );
        var replacements = new ReplacementReader(evaluation.Readings, caches.Pods, time);
        var stepper = new RestartStepper(Records, facts, replacements, clock, options.Restarts, options.Lease, term);
        var runner = new RestartRunner(Records, stepper, new RestartCalls(remover, blocked), Reporter, clock, time);
        Restarter = new Restarter(
            new RestartRequests(
                evaluation.Trackers,
                evaluation.Readings,
                caches,
                evaluation.Notes,
                options.Restarts,
                time
            ),
            local,
            Records,
            cluster,
            owners,
            runner,
            caches.Pods,
            log,
            clock,
            options.Restarts,
            time
        );
        Reconciler = new RestartReconciler(runner, Records, replacements, clock, options.Restarts);
    }

    internal RestartStore Records { get; }
    internal RestartReporter Reporter { get; }
    internal Restarter Restarter { get; }
    internal RestartReconciler Reconciler { get; }

    public void Dispose() => Restarter.Dispose();
}

/// <summary>Composes the part that evaluates.</summary>
internal sealed class EvaluationParts(Caches caches, ControllerOptions options, TimeProvider time)
{
    internal NodeReadings Readings { get; } = new(time);
    internal TargetTrackers Trackers { get; } = new(time);
    internal WatchSelection Selection { get; } = new(caches);
    internal TargetNotes Notes { get; } = new(options.Lease.Namespace);
}
