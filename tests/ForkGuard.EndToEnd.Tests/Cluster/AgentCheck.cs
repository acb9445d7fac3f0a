using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The verdicts that <c>forkguard check</c> prints in the agent's container, where a user of a cluster runs it.</summary>
internal static class AgentCheck
{
    /// <param name="pids">As the node has them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A verdict for each pid, in the same order.</returns>
    public static async Task<IReadOnlyList<JsonNode>> RunAsync(
        IReadOnlyList<int> pids,
        CancellationToken cancellationToken
    )
    {
        CommandAnswer answer = await Shell.RunAsync(
            [
                "kubectl",
                "exec",
                $"daemonset/{Installation.Release}-agent",
                "--namespace",
                Installation.Namespace,
                "--",
                "forkguard",
                "check",
                "--output",
                "json",
                .. pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture)),
            ],
            cancellationToken: cancellationToken
        );
        JsonNode[] verdicts =
        [
            .. answer
                .StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
        Assert.True(
            verdicts.Select(verdict => (int)verdict["pid"]!).SequenceEqual(pids),
            $"check of {string.Join(' ', pids)} printed {answer.StandardOutput}{answer.StandardError}"
        );
        return verdicts;
    }
}
