using System.Security.Authentication;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.ControllerRuntime.Tests.Api;

/// <summary>Whom the client trusts.</summary>
[Trait("Needs", "Machine")]
public sealed class ApiClientTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_must_be_for_the_servers_name()
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig);
        Assert.SkipWhen(configuration.SkipTlsVerify, "KUBECONFIG names a cluster whose certificate nobody checks");
        using var client = new ApiClient(configuration);
        await client.Version.GetCodeAsync(Cancelled);

        configuration.TlsServerName = "other.example";
        using var deceived = new ApiClient(configuration);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => deceived.Version.GetCodeAsync(Cancelled));

        Assert.IsType<AuthenticationException>(refused.InnerException);
    }
}
