using ForkGuard.Testing.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>A process of its own, as far as the runtime is concerned.</summary>
internal sealed class Runtime : IAsyncDisposable
{
    private readonly CancellationTokenSource _ends = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );
    private readonly List<Task> _loops = [];

    private Runtime(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        Metrics = new();
        Health = new(time, disconnectedLimit: TimeSpan.Zero);
        Services = new(time, Metrics, Health, NullLoggerFactory.Instance);
        Client = new(configuration, Network);
        Pipeline = new(time);
    }

    public Network Network { get; } = new();
    public RuntimeMetrics Metrics { get; }
    public HealthRegistry Health { get; }
    public RuntimeServices Services { get; }
    public ApiClient Client { get; }
    public ApiPipeline Pipeline { get; }

    /// <summary>On the real server.</summary>
    public static Runtime On(ControlPlane cluster, TimeProvider? time = null) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig), time ?? TimeProvider.System);

    /// <summary>On a server that plays a part.</summary>
    public static Runtime On(ScriptedServer server, TimeProvider? time = null) =>
        new(new KubernetesClientConfiguration { Host = server.Address }, time ?? TimeProvider.System);

    /// <summary>Runs until this is disposed of, and must not end before.</summary>
    public void Run(Func<CancellationToken, Task> loop) => _loops.Add(Task.Run(() => loop(_ends.Token)));

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        try
        {
            await Task.WhenAll(_loops);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        Client.Dispose();
        Metrics.Dispose();
        _ends.Dispose();
    }
}
