using System.Text.Json;
using ForkGuard.Api;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerLoad;

/// <summary>Makes the nodes, pods and watches of a cluster.</summary>
internal sealed class Population(IKubernetes client, ClusterSize size)
{
    private const int AtOnce = 16;

    /// <summary>The uid of each pod, by its number.</summary>
    internal string[] PodUids { get; } = new string[size.Pods];

    internal async Task CreateAsync()
    {
        await EachAsync(
            size.Namespaces,
            i => client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = size.NamespaceOf(i) } })
        );
        await EachAsync(
            size.Nodes,
            i => client.CoreV1.CreateNodeAsync(new() { Metadata = new() { Name = ClusterSize.NodeName(i) } })
        );
        await EachAsync(size.Pods, CreatePodAsync);
        await EachAsync(size.Watches, CreateWatchAsync);
    }

    internal static Task EachAsync(int count, Func<int, Task> create) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) => await create(i)
        );

    private async Task CreatePodAsync(int i)
    {
        V1Pod pod = new()
        {
            Metadata = new()
            {
                Name = ClusterSize.PodName(i),
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = size.AppOf(i) },
            },
            Spec = new()
            {
                NodeName = ClusterSize.NodeName(size.NodeOf(i)),
                AutomountServiceAccountToken = false,
                Containers = [new() { Name = "server", Image = "redis:7" }],
            },
        };
        V1Pod created = await client.CoreV1.CreateNamespacedPodAsync(pod, size.NamespaceOf(i));
        PodUids[i] = created.Metadata.Uid;
    }

    private Task CreateWatchAsync(int i)
    {
        string app = $"app-{i / size.Namespaces}";
        ForkWatch watch = new()
        {
            Metadata = new ObjectMeta { Name = app, Namespace = size.NamespaceOf(i) },
            Spec = new ForkWatchSpec
            {
                Selector = new LabelSelector
                {
                    MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = app },
                },
                HoldSeconds = 0,
            },
        };
        return client.CustomObjects.CreateNamespacedCustomObjectAsync(
            JsonSerializer.SerializeToElement(watch, ApiJson.Default.ForkWatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            watch.Metadata.Namespace,
            "forkwatches"
        );
    }
}
