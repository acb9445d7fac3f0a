using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The tests that need servers; those that do not need none start.</summary>
[CollectionDefinition]
public sealed class OnRealServers : ICollectionFixture<RealServers>;

/// <summary>The whole API server and the one that knows CEL, both with the CRDs of config/crd.</summary>
public sealed class RealServers : IAsyncLifetime
{
    private readonly ControlPlane cluster = new();
    private readonly CrdServer crdServer;

    public RealServers()
    {
        crdServer = new(cluster);
        Whole = new(cluster);
        Cel = new(crdServer);
    }

    /// <summary>Older than what ForkGuard supports unless the user's environment names another.</summary>
    public WholeServer Whole { get; }

    public CelServer Cel { get; }

    public async ValueTask InitializeAsync()
    {
        await cluster.InitializeAsync();
        await crdServer.InitializeAsync();
        await cluster.ApplyCrdsAsync(ManifestPaths.Crds);
        foreach (var file in Directory.EnumerateFiles(ManifestPaths.Crds))
        {
            await crdServer.CreateCrdAsync(await File.ReadAllTextAsync(file));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await crdServer.DisposeAsync();
        await cluster.DisposeAsync();
    }
}
