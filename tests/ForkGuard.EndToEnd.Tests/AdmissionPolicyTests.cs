using System.Globalization;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>
/// The admission policy, which the node of these tests is too old for: seen only where <c>KUBECONFIG</c> names a cluster of
/// Kubernetes 1.30 or later with this chart in it.
/// </summary>
[Trait("Needs", "Machine")]
public sealed class AdmissionPolicyTests
{
    private const string NotSeen = "Not seen: that an agent's account cannot write the report of another node. ";
    private const string Agent = Installation.Release + "-agent";
    private const string OtherReport = "a-node-without-that-agent";
    private const string Patch = """{"status":{"omittedBelowPercent":20}}""";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_cannot_write_the_report_of_another_node()
    {
        (string pod, string node) = await FindAgentAsync();
        string agent = await KubeconfigOfAsync(pod);
        await SucceedAsync(["apply", "--filename=-"], OtherReportManifest);
        try
        {
            CommandAnswer own = await PatchAsync(agent, node);
            CommandAnswer other = await PatchAsync(agent, OtherReport);

            Assert.True(own.ExitCode == 0, own.StandardError);
            Assert.NotEqual(0, other.ExitCode);
            Assert.Contains(
                $"the agent of node {node} may not write the report of {OtherReport}",
                other.StandardError,
                StringComparison.Ordinal
            );
        }
        finally
        {
            File.Delete(agent);
            await SucceedAsync(["delete", "nodeforkreport", OtherReport]);
        }
    }

    private static string OtherReportManifest =>
        $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: NodeForkReport
            metadata: {name: {{OtherReport}}}
            spec: {}
            """;

    // The agent writes the same member again at its next scan.
    private static Task<CommandAnswer> PatchAsync(string kubeconfig, string report) =>
        RunAsync([
            "--kubeconfig",
            kubeconfig,
            "patch",
            "nodeforkreport",
            report,
            "--subresource=status",
            "--type=merge",
            "--patch",
            Patch,
        ]);

    /// <summary>A pod of the agent and its node; without a cluster that has one the test is skipped.</summary>
    private static async Task<(string Pod, string Node)> FindAgentAsync()
    {
        Assert.SkipWhen(
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")),
            NotSeen + "Set KUBECONFIG to a cluster of Kubernetes 1.30 or later that has this chart."
        );
        JsonNode server = JsonNode.Parse(await SucceedAsync(["version", "--output=json"]))!["serverVersion"]!;
        Assert.SkipWhen(
            int.Parse(((string)server["minor"]!).TrimEnd('+'), CultureInfo.InvariantCulture) < 30,
            $"{NotSeen}The server of KUBECONFIG is {server["gitVersion"]}, and admission policies come with 1.30."
        );
        string pods = await SucceedAsync([
            "get",
            "pods",
            "--namespace",
            Installation.Namespace,
            "--selector=app.kubernetes.io/component=agent",
            "--output=json",
        ]);
        JsonNode? pod = JsonNode.Parse(pods)!["items"]!.AsArray().FirstOrDefault();
        Assert.SkipWhen(pod is null, $"{NotSeen}KUBECONFIG's cluster has no agent in {Installation.Namespace}.");
        return ((string)pod["metadata"]!["name"]!, (string)pod["spec"]!["nodeName"]!);
    }

    /// <summary>A file by which kubectl is the agent, and has no certificate of the user that would go before its token.</summary>
    private static async Task<string> KubeconfigOfAsync(string pod)
    {
        string token = await SucceedAsync([
            "create",
            "token",
            Agent,
            "--namespace",
            Installation.Namespace,
            "--bound-object-kind=Pod",
            "--bound-object-name",
            pod,
        ]);
        JsonNode config = JsonNode.Parse(
            await SucceedAsync(["config", "view", "--minify", "--flatten", "--output=json"])
        )!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = token.Trim() };
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, config.ToJsonString(), Cancelled);
        return file;
    }

    private static async Task<string> SucceedAsync(IEnumerable<string> words, string input = "")
    {
        CommandAnswer answer = await RunAsync(words, input);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
        return answer.StandardOutput;
    }

    private static async Task<CommandAnswer> RunAsync(IEnumerable<string> words, string input = "")
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Limit);
        BufferedCommandResult result = await Cli.Wrap(Path.Combine(await ClusterPrograms.KubectlHelmAsync(), "kubectl"))
            .WithArguments(words)
            .WithStandardInputPipe(PipeSource.FromString(input))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(limit.Token);
        return new(result.ExitCode, result.StandardOutput, result.StandardError);
    }
}
