using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>The objects that ForkGuard has in a cluster, as far as the user may read them.</summary>
internal sealed record ClusterObjects
{
    internal const string Group = "apis/forkguard.io/v1alpha1";
    internal const string AllOfForkGuard = "labelSelector=app.kubernetes.io%2Fname%3Dforkguard";

    internal required IReadOnlyList<JsonObject> Reports { get; init; }

    /// <summary>Null where the user may not list nodes.</summary>
    internal IReadOnlyList<JsonObject>? Nodes { get; init; }

    /// <summary>Pods of agents and controllers.</summary>
    internal IReadOnlyList<JsonObject> Pods { get; init; } = [];

    internal IReadOnlyList<JsonObject> Watches { get; init; } = [];
    internal IReadOnlyList<JsonObject> Restarts { get; init; } = [];

    /// <summary>ConfigMaps that may be the one that switches restarts off.</summary>
    internal IReadOnlyList<JsonObject> Switches { get; init; } = [];

    /// <summary>Kinds that the user may not read.</summary>
    internal IReadOnlyList<ClusterProblem> Unread { get; init; } = [];

    /// <exception cref="ClusterException">ForkGuard is not installed, or the server gave no usable answer.</exception>
    internal static async Task<ClusterObjects> ReadAsync(ClusterReader reader, CancellationToken stop)
    {
        await RequireInstalledAsync(reader, stop);
        var unread = new List<ClusterProblem>();
        async Task<IReadOnlyList<JsonObject>?> ListAsync(string path, string query = "")
        {
            try
            {
                return await reader.ListAsync(path, query, stop);
            }
            catch (ClusterException e) when (e.IsForbidden)
            {
                unread.Add(new ClusterProblem(e.Message, "ask an administrator for a role that may list it"));
                return null;
            }
        }

        var reports = await ListAsync($"{Group}/nodeforkreports");
        var nodes = await ListAsync("api/v1/nodes");
        var pods = await ListAsync("api/v1/pods", AllOfForkGuard);
        var watches = await ListAsync($"{Group}/forkwatches");
        var clusterWatches = await ListAsync($"{Group}/clusterforkwatches");
        var restarts = await ListAsync($"{Group}/forkrestarts");
        var maps = await ListAsync("api/v1/configmaps", AllOfForkGuard);
        return new ClusterObjects
        {
            Reports = reports ?? [],
            Nodes = nodes,
            Pods = pods ?? [],
            Watches = [.. watches ?? [], .. clusterWatches ?? []],
            Restarts = restarts ?? [],
            Switches = [.. (maps ?? []).Where(map => map.Text("data", "restarts") is not null)],
            Unread = unread,
        };
    }

    /// <exception cref="ClusterException">The server does not know the group.</exception>
    internal static async Task RequireInstalledAsync(ClusterReader reader, CancellationToken stop)
    {
        if (await reader.GetAsync(Group, stop) is null)
        {
            throw new ClusterException(
                "ForkGuard is not installed in this cluster: helm install forkguard charts/forkguard --namespace forkguard-system --create-namespace"
            );
        }
    }

    /// <summary>Such as <c>ForkWatch shop/redis</c>.</summary>
    internal static string NameOfWatch(JsonObject watch) =>
        watch.NamespaceOf() is { Length: > 0 } ns
            ? $"{ForkGuardApi.ForkWatchKind} {ns}/{watch.NameOf()}"
            : $"{ForkGuardApi.ClusterForkWatchKind} {watch.NameOf()}";

    /// <summary>Such as <c>Deployment/redis</c>.</summary>
    internal static string OwnerOf(JsonObject restart) =>
        $"{restart.Text("spec", "owner", "kind")}/{restart.Text("spec", "owner", "name")}";
}
