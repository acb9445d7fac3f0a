using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>The tests' own kind on the real server, in a namespace that no other test has.</summary>
internal sealed class Gauges(ControlPlane cluster, string ns)
{
    private const string Group = "runtime.forkguard.io";
    private const string Version = "v1";
    private const string Plural = "gauges";

    private static readonly SemaphoreSlim Installing = new(1);
    private static bool _installed;

    public string Namespace => ns;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<Gauges> InNewNamespaceAsync(ControlPlane cluster, string prefix)
    {
        await Installing.WaitAsync(Cancelled);
        try
        {
            if (!_installed)
            {
                await cluster.ApplyCrdsAsync(Path.Combine(AppContext.BaseDirectory, "gauges.yaml"));
                _installed = true;
            }
        }
        finally
        {
            Installing.Release();
        }

        return new(cluster, await cluster.CreateNamespaceAsync(prefix));
    }

    public ResourceKey Key(string name) => new(ns, name);

    public async Task<Gauge> CreateAsync(string name, int target = 1, object? extra = null)
    {
        JsonObject body = new()
        {
            ["apiVersion"] = $"{Group}/{Version}",
            ["kind"] = "Gauge",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["target"] = target, ["extra"] = JsonSerializer.SerializeToNode(extra) },
        };
        return Read(
            await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
                body,
                Group,
                Version,
                ns,
                Plural,
                cancellationToken: Cancelled
            )
        );
    }

    public async Task<Gauge> PatchAsync(string name, string mergePatch) =>
        Read(
            await cluster.Admin.CustomObjects.PatchNamespacedCustomObjectAsync(
                new V1Patch(mergePatch, V1Patch.PatchType.MergePatch),
                Group,
                Version,
                ns,
                Plural,
                name,
                cancellationToken: Cancelled
            )
        );

    public async Task<Gauge> PatchStatusAsync(string name, string mergePatch) =>
        Read(
            await cluster.Admin.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
                new V1Patch(mergePatch, V1Patch.PatchType.MergePatch),
                Group,
                Version,
                ns,
                Plural,
                name,
                cancellationToken: Cancelled
            )
        );

    public Task DeleteAsync(string name) =>
        cluster.Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            Group,
            Version,
            ns,
            Plural,
            name,
            cancellationToken: Cancelled
        );

    public async Task<JsonElement> GetAsync(string name) =>
        (JsonElement)
            await cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync(
                Group,
                Version,
                ns,
                Plural,
                name,
                cancellationToken: Cancelled
            );

    /// <summary>What a cache of this namespace must hold: name and resource version of each.</summary>
    public async Task<IReadOnlyList<string>> StatesAsync(CancellationToken cancellationToken)
    {
        JsonElement list = (JsonElement)
            await cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync(
                Group,
                Version,
                ns,
                Plural,
                cancellationToken: cancellationToken
            );
        return States(list.GetProperty("items").EnumerateArray().Select(item => Read(item)));
    }

    public static IReadOnlyList<string> States(IEnumerable<Gauge> gauges) =>
        [
            .. gauges
                .Select(gauge => $"{gauge.Metadata.Name} {gauge.Metadata.ResourceVersion}")
                .Order(StringComparer.Ordinal),
        ];

    private static Gauge Read(object answer) => ((JsonElement)answer).Deserialize(GaugeJson.Default.Gauge)!;
}
