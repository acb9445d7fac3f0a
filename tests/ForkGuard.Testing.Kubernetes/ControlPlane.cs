using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Xunit;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>
/// A real Kubernetes without nodes, for the time of a test run: etcd, kube-apiserver and the controllers that make pods of
/// workloads. No kubelet runs: pods stay as the tests set their status. <c>KUBEBUILDER_ASSETS</c> names a folder with another
/// etcd and kube-apiserver; <c>KUBECONFIG</c> a cluster that is used as it is, with nothing started.
/// </summary>
/// <remarks>An assembly fixture of xunit; the first use on a machine builds its programs, which takes minutes.</remarks>
public sealed class ControlPlane : IAsyncLifetime
{
    // The controllers may have to connect again, to servers that a test restarted.
    private static readonly TimeSpan AccountLimit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("forkguard-cluster-").FullName;
    private readonly ConcurrentDictionary<string, Lazy<Task>> _crds = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _clients = [];
    private readonly List<string> _namespaces = [];
    private readonly Lock _guard = new();
    private Kubectl _kubectl = null!;
    private int _kubeconfigs;

    /// <summary>The path of the administrator's kubeconfig.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>A client that may do everything.</summary>
    public IKubernetes Admin { get; private set; } = null!;

    /// <summary>The server's version, such as 1.20.</summary>
    public Version Version { get; private set; } = new();

    /// <summary>Whether the server knows the CEL rules of CRDs (<c>x-kubernetes-validations</c>).</summary>
    public bool HasCel => Version >= new Version(1, 25);

    /// <summary>Whether deployments get pods, disruption budgets get a status, and what a deleted owner owned goes too.</summary>
    public bool HasControllers { get; private set; }

    /// <summary>Whether the token of a pod names its node.</summary>
    public bool HasNodeClaims => Version >= new Version(1, 30);

    /// <summary>The servers that were started for this run; none when <c>KUBECONFIG</c> names a cluster.</summary>
    public IReadOnlyList<int> Pids => [.. Servers?.Pids ?? []];

    /// <summary>The API server's record of each creation and deletion of pods, evictions included.</summary>
    /// <exception cref="InvalidOperationException">The server is not this fixture's own.</exception>
    public string AuditLog => OwnServers().AuditLog;

    internal LocalServers? Servers { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _kubectl = new(Path.Combine(await ClusterPrograms.KubectlHelmAsync(), "kubectl"), _folder);
        if (Setting("KUBECONFIG") is not null)
        {
            // It may name several files, and files beside them; the copy is one that stands alone.
            Kubeconfig = Path.Combine(_folder, "kubeconfig");
            string merged = await _kubectl.SucceedAsync("config", "view", "--raw", "--flatten", "--minify");
            await File.WriteAllTextAsync(Kubeconfig, merged);
            HasControllers = true;
        }
        else
        {
            string? assets = Setting("KUBEBUILDER_ASSETS");
            if (assets is not null && !File.Exists(Path.Combine(assets, "etcd")))
            {
                throw new InvalidOperationException($"KUBEBUILDER_ASSETS names {assets}, where there is no etcd.");
            }

            Servers = new(_folder, assets ?? await ClusterPrograms.KubernetesAsync());
            await Servers.StartAsync(Path.Combine(assets ?? await ClusterPrograms.EtcdAsync(), "etcd"));
            Kubeconfig = Servers.Kubeconfig;
            HasControllers = Servers.HasControllers;
        }

        Admin = NewClient(Kubeconfig);
        VersionInfo version = await Admin.Version.GetCodeAsync();
        Version = Version.Parse($"{version.Major}.{version.Minor.TrimEnd('+')}");
    }

    /// <summary>A client with the rights of a service account that exists; it is disposed with this.</summary>
    public async Task<IKubernetes> ClientForAsync(string ns, string serviceAccount) =>
        NewClient(await KubeconfigForAsync(ns, serviceAccount));

    /// <summary>A client with the token of a pod, in whose account's name a server from 1.30 on also names the node.</summary>
    public async Task<IKubernetes> ClientForAsync(V1Pod pod)
    {
        Authenticationv1TokenRequest request = NewTokenRequest();
        request.Spec.BoundObjectRef = new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Name = pod.Metadata.Name,
            Uid = pod.Metadata.Uid,
        };
        return NewClient(await KubeconfigForAsync(pod.Namespace(), pod.Spec.ServiceAccountName, request));
    }

    /// <summary>The path of a kubeconfig with a token of a service account that exists; it is valid for 6 hours.</summary>
    public Task<string> KubeconfigForAsync(string ns, string serviceAccount) =>
        KubeconfigForAsync(ns, serviceAccount, NewTokenRequest());

    private static Authenticationv1TokenRequest NewTokenRequest() =>
        new()
        {
            Spec = new() { Audiences = [], ExpirationSeconds = 6 * 3600 },
        };

    private async Task<string> KubeconfigForAsync(
        string ns,
        string serviceAccount,
        Authenticationv1TokenRequest request
    )
    {
        Authenticationv1TokenRequest granted = await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            request,
            serviceAccount,
            ns
        );
        string path = Path.Combine(_folder, $"kubeconfig-{Interlocked.Increment(ref _kubeconfigs)}");
        KubeconfigFile.WriteWithToken(path, Kubeconfig, granted.Status.Token);
        return path;
    }

    /// <summary>For tests that need the pods of workloads.</summary>
    /// <exception cref="InvalidOperationException">No controllers run.</exception>
    public void RequireControllers()
    {
        if (!HasControllers)
        {
            throw new InvalidOperationException(
                $"KUBEBUILDER_ASSETS names {Setting("KUBEBUILDER_ASSETS")}, where there is no kube-controller-manager, and this "
                    + "test needs it. Add it there, unset the variable, or set KUBECONFIG to a whole cluster."
            );
        }
    }

    /// <summary>Makes a namespace whose name begins so and that no other test has; pods can be made in it at once.</summary>
    public async Task<string> CreateNamespaceAsync(string prefix)
    {
        V1Namespace created = await Admin.CoreV1.CreateNamespaceAsync(
            new() { Metadata = new() { GenerateName = prefix + "-" } }
        );
        lock (_guard)
        {
            _namespaces.Add(created.Metadata.Name);
        }

        if (HasControllers)
        {
            await Condition.HoldsAsync(
                async token => await HasDefaultAccountAsync(created.Metadata.Name, token),
                $"the default service account of {created.Metadata.Name}",
                AccountLimit
            );
        }

        return created.Metadata.Name;
    }

    /// <summary>Applies the CRDs of a file or folder the first time, and waits until the server serves them.</summary>
    /// <exception cref="InvalidOperationException">They were refused; with kubectl's words.</exception>
    public Task ApplyCrdsAsync(string path) =>
        _crds.GetOrAdd(path, applied => new Lazy<Task>(() => ApplyAsync(applied))).Value;

    private async Task ApplyAsync(string path)
    {
        try
        {
            await InstallAsync(path);
        }
        catch
        {
            // The next call tries again.
            _crds.TryRemove(path, out _);
            throw;
        }
    }

    private async Task InstallAsync(string path)
    {
        // Without CEL the server does not know the field that carries the rules, and drops it.
        string validate = HasCel ? "--validate=true" : "--validate=false";
        await _kubectl.SucceedAsync("--kubeconfig", Kubeconfig, "apply", validate, "-f", path);
        await _kubectl.SucceedAsync([
            "--kubeconfig",
            Kubeconfig,
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "-f",
            path,
        ]);
    }

    /// <summary>Runs kubectl as administrator.</summary>
    public Task<CommandAnswer> KubectlAsync(params string[] arguments) =>
        _kubectl.RunAsync(["--kubeconfig", Kubeconfig, .. arguments]);

    /// <summary>Kills the API server, as a crash would: connections are reset, and etcd keeps the data.</summary>
    /// <exception cref="InvalidOperationException">It is not this fixture's own.</exception>
    public Task StopApiServerAsync() => OwnServers().StopApiServerAsync();

    /// <summary>Starts the API server again on the same port, and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It is not this fixture's own.</exception>
    public Task StartApiServerAsync() => OwnServers().StartApiServerAsync();

    /// <summary>Kills etcd and starts it again with its data.</summary>
    /// <exception cref="InvalidOperationException">It is not this fixture's own.</exception>
    public Task RestartEtcdAsync() => OwnServers().RestartEtcdAsync();

    /// <summary>Stops the API server's process with SIGSTOP: connections stay open, and nothing is answered.</summary>
    /// <exception cref="InvalidOperationException">It is not this fixture's own.</exception>
    public void FreezeApiServer() => OwnServers().FreezeApiServer();

    /// <summary>Lets a frozen API server go on.</summary>
    /// <exception cref="InvalidOperationException">It is not this fixture's own.</exception>
    public void ThawApiServer() => OwnServers().ThawApiServer();

    /// <exception cref="AggregateException">A server had ended by itself, which may be why tests failed.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await (Servers?.DisposeAsync() ?? ForgetAsync());
        }
        finally
        {
            foreach (IDisposable client in _clients)
            {
                client.Dispose();
            }

            Directory.Delete(_folder, recursive: true);
        }
    }

    internal LocalServers OwnServers() =>
        Servers
        ?? throw new InvalidOperationException(
            "KUBECONFIG names a cluster whose servers are not the tests' own; unset it for this test."
        );

    /// <summary>A cluster that goes on after the tests.</summary>
    private async ValueTask ForgetAsync()
    {
        foreach (string ns in _namespaces)
        {
            await Admin.CoreV1.DeleteNamespaceAsync(ns);
        }
    }

    private async Task<bool> HasDefaultAccountAsync(string ns, CancellationToken cancellationToken)
    {
        V1ServiceAccountList accounts = await Admin.CoreV1.ListNamespacedServiceAccountAsync(
            ns,
            cancellationToken: cancellationToken
        );
        // Until 1.24 a pod also waits for the account's token.
        return accounts.Items.Any(account =>
            account.Metadata.Name == "default" && (Version >= new Version(1, 24) || account.Secrets?.Count > 0)
        );
    }

    private k8s.Kubernetes NewClient(string kubeconfig)
    {
        k8s.Kubernetes client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        lock (_guard)
        {
            _clients.Add(client);
        }

        return client;
    }

    private static string? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
