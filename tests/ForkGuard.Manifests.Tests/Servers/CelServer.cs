using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The server for custom resources that knows CEL.</summary>
public sealed class CelServer(ControlPlane cluster) : IResourceServer, IAsyncLifetime
{
    private readonly CrdServer server = new(cluster);

    public bool HasCel => true;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        foreach (var file in Directory.EnumerateFiles(ManifestPaths.Crds))
        {
            await server.CreateCrdAsync(await File.ReadAllTextAsync(file));
        }
    }

    public Task<ServerAnswer> SendAsync(HttpMethod method, string path, string? json = null) =>
        server.SendAsync(method, path, json, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
