using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Telemetry.Tests.Scenes;

/// <summary>
/// An agent, a controller and <c>watch --listen</c>, each as the program that users run, and a Prometheus that scrapes them.
/// The target <c>sample</c> has the series that need a pod, a systemd unit or a restart.
/// </summary>
public sealed class ScrapedPrograms(ControlPlane cluster) : IAsyncLifetime
{
    internal const string Collection = "scraped programs";

    private const string Node = "scraped-node";

    private readonly string _folder = Directory.CreateTempSubdirectory("forkguard-scraped-").FullName;
    private readonly List<IAsyncDisposable> _parts = [];

    internal Prometheus Prometheus { get; private set; } = null!;

    /// <summary>Addresses of <c>/metrics</c> by job.</summary>
    internal Dictionary<string, string> Targets { get; } = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        await cluster.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));
        await cluster.Admin.CoreV1.CreateNodeAsync(new() { Metadata = new() { Name = Node } });
        var ns = await cluster.CreateNamespaceAsync("scraped");
        Add("controller", Started.Controller(cluster.Kubeconfig, ns));
        Add("agent", await Started.AgentAsync(["agent", "--node-name", Node, "--kubeconfig", cluster.Kubeconfig]));
        var manifest = Path.Combine(_folder, "host.yaml");
        await File.WriteAllTextAsync(
            manifest,
            """
            apiVersion: forkguard.io/v1alpha1
            kind: ClusterForkWatch
            metadata: {name: host}
            spec: {hostProcesses: {}}
            """
        );
        Add("watch", await Started.WatchAsync(["watch", "-f", manifest, "--interval", "1"]));
        Add("sample", new SampleTarget());
        Prometheus = await Prometheus.StartAsync(_folder, Targets);
        _parts.Add(Prometheus);
        await Prometheus.ScrapedAsync(Targets.Keys, times: 3);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void Add<T>(string job, T program)
        where T : IAsyncDisposable, ITarget
    {
        _parts.Add(program);
        Targets[job] = program.Address;
    }
}

[CollectionDefinition(ScrapedPrograms.Collection)]
public sealed class ScrapedProgramsDefinition : ICollectionFixture<ScrapedPrograms>;

/// <summary>A program with metrics.</summary>
internal interface ITarget
{
    /// <summary>Address and port.</summary>
    string Address { get; }
}
