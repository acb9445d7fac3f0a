using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>ForkGuard's own kinds, created and read as a user does.</summary>
internal static class Resources
{
    internal static async Task<ForkWatch> CreateAsync(ControlPlane cluster, string ns, string name, ForkWatchSpec spec)
    {
        var watch = new ForkWatch
        {
            Metadata = new ObjectMeta { Name = name, Namespace = ns },
            Spec = spec,
        };
        var created = await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
            ToElement(watch, ApiJson.Default.ForkWatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            ns,
            "forkwatches",
            cancellationToken: Stage.Cancelled
        );
        return FromElement(created, ApiJson.Default.ForkWatch);
    }

    internal static async Task<ClusterForkWatch> CreateAsync(
        ControlPlane cluster,
        string name,
        ClusterForkWatchSpec spec
    )
    {
        var watch = new ClusterForkWatch
        {
            Metadata = new ObjectMeta { Name = name },
            Spec = spec,
        };
        var created = await cluster.Admin.CustomObjects.CreateClusterCustomObjectAsync(
            ToElement(watch, ApiJson.Default.ClusterForkWatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            "clusterforkwatches",
            cancellationToken: Stage.Cancelled
        );
        return FromElement(created, ApiJson.Default.ClusterForkWatch);
    }

    internal static async Task<ForkWatch> ReadWatchAsync(ControlPlane cluster, string ns, string name) =>
        FromElement(
            await cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync(
                ForkGuardApi.Group,
                ForkGuardApi.Version,
                ns,
                "forkwatches",
                name,
                Stage.Cancelled
            ),
            ApiJson.Default.ForkWatch
        );

    internal static async Task<ClusterForkWatch> ReadClusterWatchAsync(ControlPlane cluster, string name) =>
        FromElement(
            await cluster.Admin.CustomObjects.GetClusterCustomObjectAsync(
                ForkGuardApi.Group,
                ForkGuardApi.Version,
                "clusterforkwatches",
                name,
                Stage.Cancelled
            ),
            ApiJson.Default.ClusterForkWatch
        );

    internal static async Task<IReadOnlyList<ForkRestart>> ListRecordsAsync(ControlPlane cluster, string ns) =>
        [
            .. (
                (JsonElement)
                    await cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync(
                        ForkGuardApi.Group,
                        ForkGuardApi.Version,
                        ns,
                        "forkrestarts",
                        cancellationToken: Stage.Cancelled
                    )
            )
                .GetProperty("items")
                .EnumerateArray()
                .Select(item => item.Deserialize(ApiJson.Default.ForkRestart)!),
        ];

    internal static Task DeleteWatchAsync(ControlPlane cluster, string ns, string name) =>
        DeleteAsync(cluster, ns, "forkwatches", name);

    internal static Task DeleteRecordAsync(ControlPlane cluster, string ns, string name) =>
        DeleteAsync(cluster, ns, "forkrestarts", name);

    private static Task<object> DeleteAsync(ControlPlane cluster, string ns, string plural, string name) =>
        cluster.Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            ns,
            plural,
            name,
            cancellationToken: Stage.Cancelled
        );

    internal static async Task CreateRecordAsync(
        ControlPlane cluster,
        string ns,
        RestartOwner owner,
        ForkRestartStatus status
    )
    {
        var record = new ForkRestart
        {
            Metadata = new ObjectMeta { Name = RestartNames.Of(owner), Namespace = ns },
            Spec = new ForkRestartSpec { Owner = owner },
        };
        await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
            ToElement(record, ApiJson.Default.ForkRestart),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            ns,
            "forkrestarts",
            cancellationToken: Stage.Cancelled
        );
        var patch = JsonSerializer.Serialize(record with { Status = status }, ApiJson.Default.ForkRestart);
        await PatchRecordStatusAsync(cluster, ns, record.Metadata.Name!, patch);
    }

    internal static Task PatchRecordStatusAsync(ControlPlane cluster, string ns, string name, string patch) =>
        cluster.Admin.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            new V1Patch(patch, V1Patch.PatchType.MergePatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            ns,
            "forkrestarts",
            name,
            cancellationToken: Stage.Cancelled
        );

    private static JsonElement ToElement<T>(T value, JsonTypeInfo<T> json) =>
        JsonSerializer.SerializeToElement(value, json);

    private static T FromElement<T>(object value, JsonTypeInfo<T> json) => ((JsonElement)value).Deserialize(json)!;
}
