using System.Net.Http.Headers;
using System.Text;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>The API server with everything that Kubernetes has.</summary>
public sealed class WholeServer(ControlPlane cluster) : IResourceServer
{
    public bool HasCel => cluster.HasCel;

    public Task<CommandAnswer> KubectlAsync(params string[] arguments) => cluster.KubectlAsync(arguments);

    public async Task<ServerAnswer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        var client = (k8s.Kubernetes)cluster.Admin;
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, TestContext.Current.CancellationToken);
        }

        using var response = await client.HttpClient.SendAsync(request, TestContext.Current.CancellationToken);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
