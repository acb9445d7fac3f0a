using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>What helm installs, runs; has the rights it needs and no more; and goes as the chart says.</summary>
[Trait("Needs", "Machine")]
public sealed class InstallationTests
{
    private const string Agent = $"system:serviceaccount:{Installation.Namespace}:{Installation.Release}-agent";
    private const string Controller =
        $"system:serviceaccount:{Installation.Namespace}:{Installation.Release}-controller";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_node_has_an_agent_that_is_ready()
    {
        JsonNode? agents = await Installation.FindAsync(
            Installation.Namespace,
            "daemonset",
            Installation.Release + "-agent",
            Cancelled
        );

        Assert.Equal(1, (int)agents!["status"]!["desiredNumberScheduled"]!);
        Assert.Equal(1, (int)agents["status"]!["numberReady"]!);
    }

    [Fact]
    public async Task An_agent_has_one_capability_and_no_way_to_more()
    {
        string pod = Assert.Single(await PodsAsync("agent"));
        IReadOnlyDictionary<string, string> status = NodeProcess.StatusOf("/usr/bin/forkguard");

        Assert.StartsWith(Installation.Release + "-agent-", pod, StringComparison.Ordinal);
        Assert.StartsWith("0\t", status["Uid"], StringComparison.Ordinal);
        // capabilities(7): CAP_SYS_PTRACE is bit 19.
        Assert.All(
            ["CapPrm", "CapEff", "CapBnd"],
            set => Assert.Equal("0000000000080000", status[set], StringComparer.Ordinal)
        );
        Assert.Equal("1", status["NoNewPrivs"], StringComparer.Ordinal);
        // proc_pid_status(5): a filter.
        Assert.Equal("2", status["Seccomp"], StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_controller_has_no_capability_and_is_not_root()
    {
        Assert.Equal(2, (await PodsAsync("controller")).Count);
        IReadOnlyDictionary<string, string> status = NodeProcess.StatusOf("/opt/forkguard/forkguard-controller");

        Assert.DoesNotContain("0", status["Uid"].Split('\t'), StringComparer.Ordinal);
        Assert.All(["CapEff", "CapBnd"], set => Assert.Equal("0000000000000000", status[set], StringComparer.Ordinal));
        Assert.Equal("1", status["NoNewPrivs"], StringComparer.Ordinal);
        Assert.Equal("2", status["Seccomp"], StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(Agent, "get", "nodeforkreports", true)]
    [InlineData(Agent, "patch", "nodeforkreports/status", true)]
    [InlineData(Agent, "patch", "nodeforkreports", false)]
    [InlineData(Agent, "list", "nodeforkreports", false)]
    [InlineData(Agent, "get", "pods", false)]
    [InlineData(Agent, "create", "pods/eviction", false)]
    [InlineData(Agent, "create", "events.events.k8s.io", false)]
    [InlineData(Agent, "get", "secrets", false)]
    [InlineData(Controller, "create", "pods/eviction", true)]
    [InlineData(Controller, "list", "forkwatches", true)]
    [InlineData(Controller, "delete", "pods", false)]
    [InlineData(Controller, "get", "secrets", false)]
    [InlineData(Controller, "update", "leases.coordination.k8s.io", false)]
    public async Task An_account_may_do_in_every_namespace(string account, string verb, string resource, bool allowed)
    {
        string[] parts = resource.Split('/');
        string[] subresource = parts.Length == 1 ? [] : ["--subresource", parts[1]];
        CommandAnswer answer = await Shell.RunAsync(
            ["kubectl", "auth", "can-i", verb, parts[0], .. subresource, "--as", account, "--all-namespaces"],
            cancellationToken: Cancelled
        );

        Assert.Equal(allowed ? "yes" : "no", answer.StandardOutput.Trim(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("all")]
    [InlineData("minimal")]
    [InlineData("dual-stack")]
    public async Task A_server_takes_what_the_chart_makes_of(string values)
    {
        // The server has no Prometheus operator.
        string manifests = await Shell.SucceedAsync(
            [
                "helm",
                "template",
                "dry-run",
                Installation.Chart,
                "--kube-version=1.20.2",
                "--namespace=default",
                "--set=metrics.serviceMonitor.enabled=false",
                "--set=metrics.podMonitor.enabled=false",
                "--set=metrics.dashboard.namespace=default",
                "--set=metrics.prometheusRule.enabled=false",
                "--values",
                Path.Combine(Installation.Chart, "ci", values + "-values.yaml"),
            ],
            cancellationToken: Cancelled
        );

        await Shell.SucceedAsync(
            ["kubectl", "apply", "--dry-run=server", "--validate=false", "--filename=-"],
            // The stand-in for a server of today.
            manifests.Replace("policy/v1\n", "policy/v1beta1\n", StringComparison.Ordinal),
            Cancelled
        );
    }

    [Fact]
    public async Task An_upgrade_replaces_all_pods_and_keeps_watches_and_reports()
    {
        await ApplyKeptWatchAsync();
        JsonNode reportBefore = await Node.ReportAsync(report => report["status"] is not null, "there", Cancelled);
        IEnumerable<string> podsBefore = [.. await PodsAsync("agent"), .. await PodsAsync("controller")];

        await Installation.UpgradeAsync("controller.maxRestartsInCluster=7,agent.podAnnotations.is=new", Cancelled);

        IEnumerable<string> podsAfter = [.. await PodsAsync("agent"), .. await PodsAsync("controller")];
        Assert.Equal(3, podsAfter.Count());
        Assert.Empty(podsAfter.Intersect(podsBefore, StringComparer.Ordinal));
        Assert.Contains("--max-restarts-in-cluster=7", await ControllerArgumentsAsync(), StringComparer.Ordinal);
        JsonNode reportAfter = await Node.NextReportAsync(reportBefore, Cancelled);
        Assert.Equal(Uid(reportBefore), Uid(reportAfter));
        await KeptWatchIsEvaluatedAsync();
    }

    [Fact]
    public async Task An_uninstall_leaves_the_watches_and_an_install_finds_them()
    {
        await ApplyKeptWatchAsync();

        await Installation.UninstallAsync(Cancelled);
        try
        {
            await Leftovers.AreCrdsOnlyAsync(Cancelled);
            Assert.NotNull(await Installation.FindAsync("default", "forkwatch", "kept", Cancelled));
        }
        finally
        {
            // The other tests need it.
            await Installation.InstallAsync(CancellationToken.None);
        }

        await KeptWatchIsEvaluatedAsync();
    }

    private static Task ApplyKeptWatchAsync() =>
        Installation.ApplyAsync(
            """
            apiVersion: forkguard.io/v1alpha1
            kind: ForkWatch
            metadata: {name: kept, namespace: default}
            spec:
              selector: {matchLabels: {app: nothing}}
            """,
            Cancelled
        );

    /// <summary>A new controller evaluates it: it takes in a spec that is changed now.</summary>
    private static async Task KeptWatchIsEvaluatedAsync()
    {
        await Shell.SucceedAsync(
            [
                "kubectl",
                "patch",
                "forkwatch",
                "kept",
                "--namespace=default",
                "--type=merge",
                "--patch",
                $$$"""{"spec":{"holdSeconds":{{{Random.Shared.Next(1, 1000)}}}}}""",
            ],
            cancellationToken: Cancelled
        );
        await Condition.HoldsAsync(
            async token =>
                await Installation.FindAsync("default", "forkwatch", "kept", token) is { } watch
                && (long)watch["metadata"]!["generation"]! == (long?)watch["status"]?["observedGeneration"],
            "the new controller evaluates the old watch",
            TimeSpan.FromMinutes(3),
            Cancelled
        );
    }

    private static async Task<IEnumerable<string>> ControllerArgumentsAsync() =>
        from pod in await Installation.ListAsync(
            Installation.Namespace,
            "pods",
            Cancelled,
            "app.kubernetes.io/component=controller"
        )
        from argument in pod["spec"]!["containers"]![0]!["args"]!.AsArray()
        select (string)argument!;

    private static string Uid(JsonNode found) => (string)found["metadata"]!["uid"]!;

    private static async Task<IReadOnlyList<string>> PodsAsync(string component) =>
        [
            .. from pod in await Installation.ListAsync(
                Installation.Namespace,
                "pods",
                Cancelled,
                $"app.kubernetes.io/component={component}"
            )
            where pod["metadata"]!["deletionTimestamp"] is null
            select (string)pod["metadata"]!["name"]!,
        ];
}
