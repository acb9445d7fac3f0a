using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>A control plane to which the kinds of admission policies were added, as another server keeps them.</summary>
internal sealed class AdmissionPolicyProxy : IAsyncDisposable
{
    private const string Group = "/apis/admissionregistration.k8s.io/v1";

    private static readonly string[] Kinds = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];

    private static readonly string Crds = Path.Combine(
        RepositoryPaths.Root,
        "tests",
        "ForkGuard.Testing.Kubernetes",
        "AdmissionPolicies"
    );

    // A watch says nothing for as long as nothing changes.
    private static readonly ForwarderRequestConfig Watches = new() { ActivityTimeout = Timeout.InfiniteTimeSpan };

    private readonly HttpMessageInvoker _client;
    private readonly WebApplication _server;

    private AdmissionPolicyProxy(HttpMessageInvoker client, WebApplication server, string kubeconfig)
    {
        _client = client;
        _server = server;
        Kubeconfig = kubeconfig;
    }

    /// <summary>The path of the administrator's.</summary>
    public string Kubeconfig { get; }

    /// <param name="servers">They serve everything else, and their keys are the proxy's too.</param>
    /// <param name="policies">Keeps the policies and bindings; it gets the CRDs for them.</param>
    public static async Task<AdmissionPolicyProxy> StartAsync(LocalServers servers, CrdServer policies)
    {
        foreach (string file in Directory.EnumerateFiles(Crds))
        {
            await policies.CreateCrdAsync(await File.ReadAllTextAsync(file));
        }

        int port = LoopbackPort.FindFree();
        HttpMessageInvoker client = new(servers.NewHandler());
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(servers.Keys.NewServingCertificate()))
        );
        builder.Services.AddHttpForwarder();
        WebApplication server = builder.Build();
        foreach (string kind in Kinds)
        {
            server.MapForwarder(
                $"{Group}/{kind}/{{**rest}}",
                policies.Address.AbsoluteUri,
                Watches,
                HttpTransformer.Default,
                client
            );
        }

        server.MapForwarder("/{**rest}", servers.Endpoint, Watches, HttpTransformer.Default, client);
        await server.StartAsync();
        string kubeconfig = Path.Combine(servers.Folder, $"policies-{port}.kubeconfig");
        servers.WriteKubeconfig(kubeconfig, port);
        return new(client, server, kubeconfig);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }
}
