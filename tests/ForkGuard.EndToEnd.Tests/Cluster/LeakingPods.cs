using System.Text.Json.Nodes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>
/// Two replicas that use a third of the pids limit of their pods (<c>podPidsLimit</c> of the kubelet), and leak zombies on demand.
/// They start before the first test: growth counts once a pod has settled after its start.
/// </summary>
internal static class LeakingPods
{
    public const int Limit = 200;

    private const string Namespace = "leak";

    // With the pause container and the victim 33 % of the limit.
    private const int Threads = 64;

    private static VictimPods? _pods;

    public static VictimPods Pods => _pods ?? throw new InvalidOperationException("They were not started.");

    public static async Task StartAsync()
    {
        _pods = await VictimPods.StartAsync(Namespace, pages: 16, CancellationToken.None, replicas: 2);
        foreach (string pod in await _pods.PodsAsync(CancellationToken.None))
        {
            await _pods.TellAsync(pod, $"hold {Threads}", "hold 0", CancellationToken.None);
        }
    }

    /// <summary>The entry of the pod in the node's report once it has at least so many zombies.</summary>
    public static Task<JsonNode> ReportedAsync(string pod, int zombies, CancellationToken cancellationToken) =>
        Node.ProcessAsync(
            process =>
                string.Equals((string?)process["pod"]?["name"], pod, StringComparison.Ordinal)
                && (int?)Node.ConstraintOf(process, "Pids")?["zombies"] >= zombies,
            $"{zombies} zombies of {pod}",
            cancellationToken
        );
}
