using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>etcd, kube-apiserver and, where there is one, kube-controller-manager, on the loopback interface.</summary>
internal sealed class LocalServers : IAsyncDisposable
{
    // Those whose work the tests wait for. There is no kubelet: nothing runs, and nothing marks a node as lost.
    private const string Controllers =
        "serviceaccount,serviceaccount-token,namespace,garbagecollector,"
        + "deployment,replicaset,statefulset,daemonset,job,disruption";

    // A request that has no answer yet is recorded as well: the server may be killed after it committed.
    private const string AuditPolicy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [ResponseStarted]
        rules:
        - level: Request
          verbs: [create, delete, deletecollection]
          resources: [{group: "", resources: [pods, pods/eviction]}]
        - level: None
        """;

    // Two cores, and other tests on them.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _programs;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly int _port = LoopbackPort.FindFree();
    private readonly int _etcdPort = LoopbackPort.FindFree();
    private readonly HttpClient _probe;
    private string _etcdProgram = "";
    private ServerProcess? _etcd;
    private ServerProcess? _apiServer;
    private ServerProcess? _controllerManager;

    /// <param name="folder">For what belongs to this run only.</param>
    /// <param name="programs">The folder with the Kubernetes programs.</param>
    public LocalServers(string folder, string programs)
    {
        Folder = folder;
        _programs = programs;
        Keys = new(folder, TimeProvider.System.GetUtcNow());
        _probe = NewProbe();
        Kubeconfig = Path.Combine(folder, "kubeconfig");
        WriteKubeconfig(Kubeconfig, _port);
    }

    /// <summary>For what belongs to this run only.</summary>
    public string Folder { get; }

    public string Kubeconfig { get; }

    public bool HasControllers => File.Exists(ControllerManager);

    /// <summary>The API server's own record of each creation and deletion of pods, evictions included, one JSON object a line.</summary>
    public string AuditLog => Path.Combine(Folder, "audit.log");

    public string Endpoint => At(_port);

    public string Etcd => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_etcdPort}");

    /// <summary>Those that run now.</summary>
    public IEnumerable<int> Pids =>
        from server in (ServerProcess?[])[_etcd, _apiServer, _controllerManager]
        where server is not null
        select server.Pid;

    public ServerKeys Keys { get; }

    private string ControllerManager => Path.Combine(_programs, "kube-controller-manager");

    public async Task StartAsync(string etcdProgram)
    {
        _etcdProgram = etcdProgram;
        await StartEtcdAsync();
        await StartApiServerAsync();
        if (HasControllers)
        {
            _controllerManager = await ServerProcess.StartAsync(ControllerManager, ControllerArguments(), Folder);
        }
    }

    /// <summary>Kills etcd, and starts it again on the same port and with the same data.</summary>
    public async Task RestartEtcdAsync()
    {
        await (_etcd?.DisposeAsync() ?? default);
        await StartEtcdAsync();
    }

    /// <summary>Stops the API server's process with SIGSTOP: connections stay open, and nothing is answered.</summary>
    public void FreezeApiServer() => _apiServer?.Freeze();

    /// <summary>Lets a frozen API server go on.</summary>
    public void ThawApiServer() => _apiServer?.Thaw();

    /// <summary>On the same port and with the same data as before.</summary>
    public async Task StartApiServerAsync()
    {
        if (_apiServer is not null)
        {
            return;
        }

        string program = Path.Combine(_programs, "kube-apiserver");
        _apiServer = await ServerProcess.StartAsync(program, ApiServerArguments(), Folder);
        await _apiServer.WaitUntilAsync(token => AnswersAsync(Endpoint + "/readyz", token), Limit);
    }

    /// <summary>As a crash does: open connections are reset.</summary>
    public async Task StopApiServerAsync()
    {
        if (_apiServer is { } running)
        {
            _apiServer = null;
            await running.DisposeAsync();
        }
    }

    /// <exception cref="AggregateException">Some had ended by themselves.</exception>
    public async ValueTask DisposeAsync()
    {
        _probe.Dispose();
        List<Exception> failures = [];
        // An API server that has lost its etcd would linger.
        foreach (ServerProcess? server in (ServerProcess?[])[_controllerManager, _apiServer, _etcd])
        {
            try
            {
                await (server?.DisposeAsync() ?? default);
            }
            catch (InvalidOperationException failure)
            {
                failures.Add(failure);
            }
        }

        if (failures is not [])
        {
            throw new AggregateException(failures);
        }
    }

    /// <summary>For the administrator of a server with these keys, on a port.</summary>
    public void WriteKubeconfig(string path, int port) =>
        KubeconfigFile.Write(path, At(port), Convert.ToBase64String(File.ReadAllBytes(Keys.Authority)), _token);

    /// <summary>Trusts the servers with these keys.</summary>
    public SocketsHttpHandler NewHandler()
    {
        var authority = X509Certificate2.CreateFromPem(File.ReadAllText(Keys.Authority));
        SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return handler;
    }

    private HttpClient NewProbe() =>
        new(NewHandler())
        {
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", _token) },
        };

    private static string At(int port) => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}");

    private async Task StartEtcdAsync()
    {
        string[] arguments =
        [
            "--data-dir=" + Path.Combine(Folder, "etcd"),
            "--listen-client-urls=" + Etcd,
            "--advertise-client-urls=" + Etcd,
            "--listen-peer-urls=http://127.0.0.1:0",
            // What a test wrote is of no use after a power cut.
            "--unsafe-no-fsync",
        ];
        _etcd = await ServerProcess.StartAsync(_etcdProgram, arguments, Folder);
        await _etcd.WaitUntilAsync(token => AnswersAsync(Etcd + "/health", token), Limit);
    }

    private string[] ApiServerArguments()
    {
        string audit = Path.Combine(Folder, "audit-policy.yaml");
        File.WriteAllText(audit, AuditPolicy);
        string tokens = Path.Combine(Folder, "tokens.csv");
        File.WriteAllText(tokens, $"{_token},admin,admin,system:masters\n");
        return
        [
            "--bind-address=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--secure-port={_port}"),
            "--tls-cert-file=" + Keys.ServingCertificate,
            "--tls-private-key-file=" + Keys.ServingKey,
            "--etcd-servers=" + Etcd,
            "--authorization-mode=RBAC",
            "--token-auth-file=" + tokens,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=" + Keys.ServiceAccounts,
            "--service-account-signing-key-file=" + Keys.ServiceAccounts,
            "--service-cluster-ip-range=10.0.0.0/24",
            "--allow-privileged=true",
            "--audit-policy-file=" + audit,
            "--audit-log-path=" + AuditLog,
            // A loopback address is refused as an endpoint, and nobody here needs the service.
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            // Without controllers nobody makes the account that this plugin waits for.
            .. HasControllers ? (string[])[] : ["--disable-admission-plugins=ServiceAccount"],
        ];
    }

    private string[] ControllerArguments() =>
        [
            "--kubeconfig=" + Kubeconfig,
            "--controllers=" + Controllers,
            "--leader-elect=false",
            "--service-account-private-key-file=" + Keys.ServiceAccounts,
            "--port=0",
            "--secure-port=0",
            // The defaults make a test wait for its turn.
            "--kube-api-qps=500",
            "--kube-api-burst=500",
        ];

    private async Task<bool> AnswersAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _probe.GetAsync(new Uri(address), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
