using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using k8s;
using k8s.Models;
using Xunit;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>
/// A server for custom resources that knows CEL, spoken to in plain HTTP: Kubernetes 1.36's own, started beside the control
/// plane, which it asks who somebody is and which namespaces there are. It knows custom resources only and shares none with the
/// control plane. Where that knows CEL itself, it is the server.
/// </summary>
/// <remarks>A class or collection fixture of xunit; the first use on a machine builds it, which takes minutes.</remarks>
public sealed class CrdServer(ControlPlane cluster) : IAsyncLifetime
{
    private const string Crds = "apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private CrdServer? _policies;
    private AdmissionPolicyProxy? _proxy;
    private ServerProcess? _process;
    private k8s.Kubernetes _client = null!;

    /// <summary>Where it listens.</summary>
    internal Uri Address => _client.BaseUri;

    /// <summary>The process, unless the control plane is the server.</summary>
    public int? Pid => _process?.Pid;

    public async ValueTask InitializeAsync()
    {
        if (cluster.HasCel)
        {
            _client = NewClient(cluster.Kubeconfig);
            return;
        }

        LocalServers servers = cluster.OwnServers();
        string program = Path.Combine(await ClusterPrograms.CrdServerAsync(), "crd-server");
        int port = LoopbackPort.FindFree();
        string kubeconfig = Path.Combine(servers.Folder, $"crd-server-{port}.kubeconfig");
        servers.WriteKubeconfig(kubeconfig, port);
        _client = NewClient(kubeconfig);
        _proxy = _policies is null ? null : await AdmissionPolicyProxy.StartAsync(servers, _policies);
        _process = await ServerProcess.StartAsync(program, Arguments(servers, port), servers.Folder);
        await _process.WaitUntilAsync(IsReadyAsync, Limit);
    }

    /// <summary>
    /// Starts another server, with none of this one's resources, which judges requests by the ValidatingAdmissionPolicies and
    /// their bindings that are made in this one. Where the control plane is the server, it is the other one too.
    /// </summary>
    /// <returns>To be disposed before this one.</returns>
    public async Task<CrdServer> StartWithPoliciesAsync()
    {
        CrdServer judging = new(cluster) { _policies = this };
        await judging.InitializeAsync();
        return judging;
    }

    /// <summary>Creates a CRD, or replaces it, and waits until its resources can be made.</summary>
    /// <param name="yaml">One CRD.</param>
    /// <exception cref="InvalidOperationException">It was refused; with the server's words.</exception>
    public async Task CreateCrdAsync(string yaml)
    {
        string path = $"{Crds}/{KubernetesYaml.Deserialize<V1CustomResourceDefinition>(yaml).Metadata.Name}";
        ServerAnswer applied = await SendAsync(HttpMethod.Patch, path + "?fieldManager=tests&force=true", yaml);
        _ = applied.Read<V1CustomResourceDefinition>();
        await Condition.HoldsAsync(
            async token => IsEstablished(await SendAsync(HttpMethod.Get, path, cancellationToken: token)),
            $"{path} is established"
        );
    }

    /// <summary>
    /// Sends a request as administrator. A path is such as <c>apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL</c>, without a slash
    /// in front; the object is in YAML or JSON. POST makes, PUT replaces, PATCH applies.
    /// </summary>
    public Task<ServerAnswer> SendAsync(
        HttpMethod method,
        string path,
        string? yaml = null,
        CancellationToken cancellationToken = default
    ) => SendAsync(null, method, path, yaml, cancellationToken);

    /// <summary>Sends a request as the administrator, who impersonates a user; PATCH is also a JSON Patch.</summary>
    public async Task<ServerAnswer> SendAsync(
        ImpersonatedUser? user,
        HttpMethod method,
        string path,
        string? yaml = null,
        CancellationToken cancellationToken = default
    )
    {
        using HttpRequestMessage request = new(method, new Uri($"{_client.BaseUri.AbsoluteUri.TrimEnd('/')}/{path}"));
        if (_client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        if (yaml is not null)
        {
            request.Content = new StringContent(yaml, Encoding.UTF8, new MediaTypeHeaderValue(TypeOf(method, yaml)));
        }

        user?.AddTo(request.Headers);
        using HttpResponseMessage response = await _client.HttpClient.SendAsync(request, cancellationToken);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    private string[] Arguments(LocalServers servers, int port) =>
        [
            "--bind-address=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--secure-port={port}"),
            "--tls-cert-file=" + servers.Keys.ServingCertificate,
            "--tls-private-key-file=" + servers.Keys.ServingKey,
            "--etcd-servers=" + servers.Etcd,
            string.Create(CultureInfo.InvariantCulture, $"--etcd-prefix=/crd-server-{port}"),
            "--authentication-kubeconfig=" + servers.Kubeconfig,
            "--authorization-kubeconfig=" + servers.Kubeconfig,
            "--authentication-skip-lookup",
            "--kubeconfig=" + (_proxy?.Kubeconfig ?? servers.Kubeconfig),
            // These watch kinds that the older control plane does not have.
            "--enable-priority-and-fairness=false",
            "--disable-admission-plugins=MutatingAdmissionPolicy"
                + (_proxy is null ? ",ValidatingAdmissionPolicy" : ""),
        ];

    private static string TypeOf(HttpMethod method, string text) =>
        // Not every escape of JSON's is one of YAML's.
        (method.Method, text[0]) switch
        {
            ("PATCH", '[') => "application/json-patch+json",
            ("PATCH", _) => "application/apply-patch+yaml",
            (_, '{') => "application/json",
            _ => "application/yaml",
        };

    private static k8s.Kubernetes NewClient(string kubeconfig) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    private static bool IsEstablished(ServerAnswer answer) =>
        answer
            .Read<V1CustomResourceDefinition>()
            .Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true;

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await SendAsync(HttpMethod.Get, "readyz", cancellationToken: cancellationToken)).Code
                == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
