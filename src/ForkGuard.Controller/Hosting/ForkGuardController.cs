using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;
using k8s;

namespace ForkGuard.Controller.Hosting;

/// <summary>The whole controller: caches that every replica keeps warm, and a leader that evaluates and acts.</summary>
internal sealed class ForkGuardController : IDisposable
{
    private readonly ApiClient _reader;
    private readonly ApiClient _writer;
    private readonly Caches _caches;
    private readonly ServerClock _clock;
    private readonly LeaderElection _election;
    private readonly ControllerOptions _options;
    private readonly RuntimeServices _services;
    private readonly ControllerTelemetry _telemetry;

    /// <param name="configuration">Gives address and credentials, again for each client.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="services">Clock, metrics, health, log.</param>
    /// <param name="telemetry">Metrics and traces of the controller itself.</param>
    /// <param name="handlers">Makes the handlers of every request of a client.</param>
    internal ForkGuardController(
        Func<KubernetesClientConfiguration> configuration,
        ControllerOptions options,
        RuntimeServices services,
        ControllerTelemetry telemetry,
        Func<DelegatingHandler[]>? handlers = null
    )
    {
        _options = options;
        _services = services;
        _telemetry = telemetry;
        _clock = new ServerClock(services.Time);
        // The election asks all the time, so that the time is known also while there is nothing to write.
        _reader = new ApiClient(configuration(), [_clock.Handler(), .. handlers?.Invoke() ?? []]);
        _writer = new ApiClient(
            configuration(),
            [
                new LeaderWritesOnly(() => _election!.CurrentTerm),
                _clock.Handler(),
                new TracedRequests(),
                .. handlers?.Invoke() ?? [],
            ]
        );
        _caches = new Caches(_reader, services);
        _election = new LeaderElection(_reader, options.Lease, services);
    }

    /// <summary>Runs until it is stopped.</summary>
    /// <exception cref="LeadershipLostException">Another one may lead now: end the process.</exception>
    internal Task RunAsync(CancellationToken stop) =>
        Loops.RunAsync([_caches.RunAsync, token => _election.RunAsync(LeadAsync, token)], stop);

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }

    private async Task LeadAsync(LeaderTerm term)
    {
        using var leader = new Leader(
            _writer,
            _caches,
            _clock,
            () => _election.CurrentTerm,
            _options,
            _services,
            _telemetry
        );
        await leader.RunAsync(term.Lost);
    }
}
