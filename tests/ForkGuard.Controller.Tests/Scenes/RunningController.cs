using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Restarts;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using ForkGuard.Testing.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A controller in this process, with a lease of its own kind: short times, or a test would wait long for a take-over.</summary>
internal sealed class RunningController : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ForkGuardController _controller;
    private readonly ILoggerFactory _logging;
    private readonly Task _running;

    internal RunningController(
        ControlPlane cluster,
        Func<DelegatingHandler[]>? handlers = null,
        string? kubeconfig = null,
        RestartOptions? restarts = null,
        TimeSpan? silentAfter = null,
        string leaseNamespace = "default",
        TimeProvider? time = null
    )
    {
        _logging = LoggerFactory.Create(log => log.AddProvider(new TestLog()));
        Health = new HealthRegistry(time ?? TimeProvider.System, TimeSpan.FromSeconds(1));
        Metrics = new RuntimeMetrics();
        Telemetry = new ControllerTelemetry();
        _controller = new ForkGuardController(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig ?? cluster.Kubeconfig),
            new ControllerOptions
            {
                Lease = new LeaderElectionOptions
                {
                    Namespace = leaseNamespace,
                    Name = ControllerOptions.LeaseName,
                    LeaseDuration = LeaseDuration,
                    RenewDeadline = TimeSpan.FromSeconds(6),
                    RetryPeriod = TimeSpan.FromMilliseconds(300),
                },
                Restarts = restarts ?? Quick,
                SilentAfter = silentAfter ?? TimeSpan.FromMinutes(11),
            },
            new RuntimeServices(time ?? TimeProvider.System, Metrics, Health, _logging),
            Telemetry,
            handlers
        );
        _running = Task.Run(() => _controller.RunAsync(_stop.Token));
    }

    // Long enough for a renewal on a loaded machine.
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(8);

    /// <summary>Times that a test can wait for.</summary>
    internal static RestartOptions Quick { get; } =
        new()
        {
            FollowProof = TimeSpan.FromSeconds(3),
            Times = new RestartTimes
            {
                CallTimeout = TimeSpan.FromSeconds(5),
                LeaseDuration = LeaseDuration,
                RepeatAfter = TimeSpan.FromSeconds(1),
                ReplaceWithin = TimeSpan.FromMinutes(1),
                MinProof = TimeSpan.FromSeconds(3),
                MaxProof = TimeSpan.FromSeconds(3),
            },
        };

    internal HealthRegistry Health { get; }
    internal RuntimeMetrics Metrics { get; }
    internal ControllerTelemetry Telemetry { get; }

    /// <summary>Ends with the controller, whichever way.</summary>
    internal Task Ended => _running;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the test.
        }
        catch (Exception exception) when (exception is LeadershipLostException or KilledException)
        {
            // The test killed it.
        }

        _controller.Dispose();
        Telemetry.Dispose();
        Metrics.Dispose();
        _logging.Dispose();
        _stop.Dispose();
    }
}

/// <summary>The log goes to the test's output.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {formatter(state, exception)} {exception}"
        );
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
