using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>An API server that has the CRDs of config/crd.</summary>
public interface IResourceServer
{
    /// <summary>Whether it knows the rules of <c>x-kubernetes-validations</c>.</summary>
    bool HasCel { get; }

    /// <summary>Sends a request as administrator.</summary>
    /// <param name="method">GET, POST or PUT.</param>
    /// <param name="path">Without a slash in front, as <see cref="Resources"/> gives it.</param>
    /// <param name="json">The object.</param>
    Task<ServerAnswer> SendAsync(HttpMethod method, string path, string? json = null);
}
