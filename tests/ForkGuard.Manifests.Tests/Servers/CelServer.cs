using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The server for custom resources that knows CEL.</summary>
public sealed class CelServer(CrdServer server) : IResourceServer
{
    public bool HasCel => true;

    public Task<ServerAnswer> SendAsync(HttpMethod method, string path, string? json = null) =>
        server.SendAsync(method, path, json, TestContext.Current.CancellationToken);
}
