using System.Text.Json.Nodes;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Agent.Cluster.Tests;

/// <summary>The published agent against a real API server, with the CRD and the rights that it is given in a cluster.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentOnClusterTests(ControlPlane cluster) : IAsyncLifetime
{
    private const string Account = "forkguard-agent";

    // Start of the agent, a scan and two kubectl calls, on a machine that is busy with everything else.
    private static readonly TimeSpan WriteLimit = TimeSpan.FromMinutes(3);

    private readonly string _node = $"node-{Guid.NewGuid():N}";
    private string _namespace = "";
    private string _kubeconfig = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await cluster.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));
        _namespace = await cluster.CreateNamespaceAsync("forkguard");
        await KubectlAsync("apply", "-f", Path.Combine(RepositoryPaths.Root, "config", "rbac", "agent.yaml"));
        await KubectlAsync("create", "serviceaccount", Account, "-n", _namespace);
        await KubectlAsync(
            "create",
            "clusterrolebinding",
            _node,
            "--clusterrole=forkguard-agent",
            $"--serviceaccount={_namespace}:{Account}"
        );
        _kubeconfig = await cluster.KubeconfigForAsync(_namespace, Account);
    }

    public async ValueTask DisposeAsync()
    {
        await KubectlAsync("delete", "nodeforkreport", _node, "--ignore-not-found");
        await KubectlAsync("delete", "clusterrolebinding", _node);
    }

    [Fact]
    public async Task It_waits_for_its_report_and_writes_its_status()
    {
        await using var agent = StartAgent();
        await agent.WaitForLineAsync(
            line => line.Contains("the controller creates it", StringComparison.Ordinal),
            cancellationToken: Stop
        );
        await CreateReportAsync("scanSeconds: 1");
        await WrittenAsync(status => (int)status["kernel"]!["overcommitMode"]! == RunningKernel.OvercommitMode);
        var table = await KubectlAsync("get", "nfr", _node);
        Assert.Contains("True", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_follows_the_spec_that_the_answer_carries_back()
    {
        await CreateReportAsync("scanSeconds: 1, everyScanAtPercent: 10");
        await using var victim = await LeakingVictimAsync();
        await using var agent = StartAgent();
        await WrittenAsync(_ => true);
        await KubectlAsync(
            "patch",
            "nfr",
            _node,
            "--type=merge",
            "-p",
            """{"spec":{"everyScanAtPercent":65,"reportAtPercent":20,"scanSeconds":2}}"""
        );
        await agent.WaitForLineAsync(
            line =>
                line.Contains("scans every 2 s, reports from 20 %, at every scan from 65 %", StringComparison.Ordinal),
            cancellationToken: Stop
        );
    }

    /// <summary>Its next heartbeat would be minutes away.</summary>
    [Fact]
    public async Task A_quiet_agent_follows_the_spec_too()
    {
        await CreateReportAsync("scanSeconds: 1, reportAtPercent: 99");
        await using var agent = StartAgent();
        await WrittenAsync(_ => true);
        await KubectlAsync("patch", "nfr", _node, "--type=merge", "-p", """{"spec":{"everyScanAtPercent":65}}""");
        await agent.WaitForLineAsync(
            line => line.Contains("at every scan from 65 %", StringComparison.Ordinal),
            TimeSpan.FromMinutes(1),
            Stop
        );
    }

    [Fact]
    public async Task A_report_that_was_deleted_is_written_once_it_is_there_again()
    {
        await CreateReportAsync("scanSeconds: 1, everyScanAtPercent: 10");
        await using var victim = await LeakingVictimAsync();
        await using var agent = StartAgent();
        await WrittenAsync(_ => true);
        await KubectlAsync("delete", "nfr", _node);
        await agent.WaitForLineAsync(
            line => line.Contains("the controller creates it", StringComparison.Ordinal),
            cancellationToken: Stop
        );
        await CreateReportAsync("scanSeconds: 1, everyScanAtPercent: 90");
        await WrittenAsync(status => status["processes"]!.AsArray().Any(p => (int)p!["pid"]! == victim.Pid));
    }

    [Fact]
    public async Task A_report_that_was_deleted_and_created_unseen_is_written()
    {
        await CreateReportAsync("scanSeconds: 1, reportAtPercent: 99");
        await using var agent = StartAgent();
        await WrittenAsync(_ => true);
        await KubectlAsync("delete", "nfr", _node);
        await CreateReportAsync("scanSeconds: 1, reportAtPercent: 99");
        await WrittenAsync(_ => true);
    }

    [Fact]
    public async Task A_field_that_a_later_scan_does_not_have_is_gone_from_the_report()
    {
        await CreateReportAsync("scanSeconds: 1");
        await KubectlAsync(
            "patch",
            "nfr",
            _node,
            "--subresource=status",
            "--type=merge",
            "-p",
            """{"status":{"omittedBelowPercent":99,"processes":[{"measuredTime":"2026-01-01T00:00:00Z","pid":1,"startTimeTicks":1,"command":"gone","verdict":"CannotFork"}]}}"""
        );
        await using var agent = StartAgent();
        await WrittenAsync(status =>
            status["processes"]!.AsArray().All(p => (string?)p!["command"] != "gone")
            && (int?)status["omittedBelowPercent"] != 99
        );
    }

    [Fact]
    public async Task It_writes_again_after_the_API_server_was_away()
    {
        await CreateReportAsync("scanSeconds: 1, everyScanAtPercent: 10");
        await using var victim = await LeakingVictimAsync();
        await using var agent = StartAgent();
        await WrittenAsync(_ => true);
        await cluster.StopApiServerAsync();
        await agent.WaitForLineAsync(
            line => line.Contains("report not written, scans go on", StringComparison.Ordinal),
            TimeSpan.FromMinutes(1),
            Stop
        );
        await cluster.StartApiServerAsync();
        await agent.WaitForLineAsync(
            line => line.Contains("takes reports again", StringComparison.Ordinal),
            TimeSpan.FromMinutes(2),
            Stop
        );
    }

    [Fact]
    public async Task A_server_whose_certificate_is_for_another_name_gets_no_token()
    {
        var set = await cluster.KubectlAsync(
            "config",
            "--kubeconfig",
            _kubeconfig,
            "set-cluster",
            "forkguard-tests",
            "--tls-server-name=other.example"
        );
        Assert.True(set.ExitCode == 0, set.StandardError);
        await CreateReportAsync("scanSeconds: 1");

        await using var agent = StartAgent();

        await agent.WaitForLineAsync(
            line =>
                line.Contains("report not written", StringComparison.Ordinal)
                && line.Contains("certificate", StringComparison.Ordinal),
            cancellationToken: Stop
        );
    }

    [Theory]
    [InlineData("no", "list", "pods")]
    [InlineData("no", "get", "secrets")]
    [InlineData("no", "create", "events")]
    [InlineData("no", "list", "nodeforkreports")]
    [InlineData("no", "patch", "nodeforkreports")]
    [InlineData("no", "create", "nodeforkreports")]
    [InlineData("yes", "get", "nodeforkreports")]
    [InlineData("yes", "patch", "nodeforkreports/status")]
    public async Task Its_account_may_do_what_it_does_and_no_more(string expected, string verb, string resource)
    {
        string[] what = resource.Split('/') is [var name, var sub] ? [name, $"--subresource={sub}"] : [resource];
        var answer = await cluster.KubectlAsync([
            "auth",
            "can-i",
            verb,
            .. what,
            $"--as=system:serviceaccount:{_namespace}:{Account}",
        ]);
        Assert.Equal(expected, answer.StandardOutput.Trim());
    }

    private ForkGuardProcess StartAgent() =>
        ForkGuardProcess.Start(["agent", "--node-name", _node, "--kubeconfig", _kubeconfig, "--listen", "127.0.0.1:0"]);

    private static async Task<Victim> LeakingVictimAsync()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        return await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 4,
            Victim.UniqueName(),
            cancellationToken: Stop
        );
    }

    private async Task CreateReportAsync(string spec)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: NodeForkReport
            metadata: { name: {{_node}} }
            spec: { {{spec}} }
            """,
            Stop
        );
        await KubectlAsync("apply", "-f", file);
        File.Delete(file);
    }

    private Task WrittenAsync(Func<JsonObject, bool> isAsWanted) =>
        Condition.HoldsAsync(
            async _ =>
                JsonNode.Parse(await KubectlAsync("get", "nfr", _node, "-o", "json"))!["status"] is JsonObject status
                && status["observedTime"] is not null
                && isAsWanted(status),
            "the status is written",
            WriteLimit,
            Stop
        );

    private async Task<string> KubectlAsync(params string[] arguments)
    {
        var answer = await cluster.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {answer.StandardError}");
        return answer.StandardOutput;
    }
}
