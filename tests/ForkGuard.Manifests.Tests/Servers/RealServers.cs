using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The tests that need servers; those that do not need none start.</summary>
[CollectionDefinition]
public sealed class OnRealServers : ICollectionFixture<RealServers>;

/// <summary>The whole API server and the one that knows CEL, both with the CRDs of config/crd.</summary>
public sealed class RealServers : IAsyncLifetime
{
    public RealServers()
    {
        CrdServer = new(ControlPlane);
        Whole = new(ControlPlane);
        Cel = new(CrdServer);
    }

    public ControlPlane ControlPlane { get; } = new();

    public CrdServer CrdServer { get; }

    /// <summary>Older than what ForkGuard supports unless the user's environment names another.</summary>
    public WholeServer Whole { get; }

    public CelServer Cel { get; }

    public async ValueTask InitializeAsync()
    {
        await ControlPlane.InitializeAsync();
        await CrdServer.InitializeAsync();
        await ControlPlane.ApplyCrdsAsync(ManifestPaths.Crds);
        await CreateCrdsAsync(CrdServer);
    }

    /// <summary>Those of config/crd.</summary>
    public static async Task CreateCrdsAsync(CrdServer server)
    {
        foreach (var file in Directory.EnumerateFiles(ManifestPaths.Crds))
        {
            await server.CreateCrdAsync(await File.ReadAllTextAsync(file));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CrdServer.DisposeAsync();
        await ControlPlane.DisposeAsync();
    }
}
