using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests;

/// <summary><c>kubectl forkguard</c> of the published binary, against agents and a controller that run.</summary>
[Trait("Needs", "Machine")]
public sealed class KubectlPluginTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_commands_show_a_pod_that_cannot_fork_on_a_real_node()
    {
        VictimPods victims = await VictimPods.StartAsync("plugin", VictimPods.TooManyPages, Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));
        Watch watch = await Watch.ApplyAsync(victims.Namespace, Cancelled);
        await Installation.ApplyAsync(
            $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: ForkWatch
            metadata: {name: other, namespace: {{victims.Namespace}}}
            spec:
              selector: {matchLabels: {app: {{VictimPods.Name}} } }
              commands: [sleep]
            """,
            Cancelled
        );
        await watch.SaysAsync("AtRisk", "True", "ForkImpossible", Cancelled);

        CommandAnswer status = await RunAsync("status");
        Assert.StartsWith("agents       1 of 1 node report", status.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("controllers  2 of 2 ready", status.StandardOutput, StringComparison.Ordinal);

        CommandAnswer top = await RunAsync("top", "--namespace", victims.Namespace);
        Assert.Equal((0, ""), (top.ExitCode, top.StandardError));
        Description.Line(top.StandardOutput, pod, "server", VictimPods.Command, "LargestMapping", "CannotFork");

        CommandAnswer why = await RunAsync("why", pod, "--namespace", victims.Namespace);
        Assert.Equal((0, ""), (why.ExitCode, why.StandardError));
        Description.Line(why.StandardOutput, $"pod {victims.Namespace}/{pod} on node {Node.Name}, Deployment redis");
        Description.Line(why.StandardOutput, "LargestMapping", VictimPods.Command, "in server, CannotFork");
        Description.Line(why.StandardOutput, "AtRisk: ForkImpossible:", VictimPods.Command);
        Description.Line(why.StandardOutput, "not a target: ", "commands sleep");
        Description.Line(why.StandardOutput, "Warning  ForkImpossible");

        CommandAnswer check = await RunAsync("check", pod, "--namespace", victims.Namespace, "--output", "json");
        Assert.Equal(1, check.ExitCode);
        JsonNode checkedProcess = Assert.Single(
            check
                .StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
            process => (string?)process["command"] == VictimPods.Command
        );
        Assert.Equal("CannotFork", (string?)checkedProcess["verdict"]);
        Assert.Equal("LargestMapping", (string?)checkedProcess["bindingConstraint"]);
        Assert.Equal("fork 12 ENOMEM", await victims.ForkAsync(pod, Cancelled));
    }

    /// <summary>kubectl finds the plugin in PATH, where the Debian package has it.</summary>
    private static Task<CommandAnswer> RunAsync(params IEnumerable<string> arguments) =>
        Shell.RunAsync(
            ["sh", "-c", "PATH=$0:$PATH; exec kubectl forkguard \"$@\"", RepositoryPaths.Artifacts, .. arguments],
            cancellationToken: Cancelled
        );
}
