using System.Globalization;
using System.Text.RegularExpressions;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;
using k8s.Models;

namespace ForkGuard.ControllerRuntime.Tests.Caching;

/// <summary>A cache on the real server holds what the server has.</summary>
[Trait("Needs", "Machine")]
public sealed partial class ResourceCacheTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_that_change_between_the_pages_of_a_list_are_held_as_they_are_in_the_end()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "pages");
        for (int number = 0; number < 12; number++)
        {
            await gauges.CreateAsync(Name(number));
        }

        await using Runtime runtime = Runtime.On(cluster);
        int pages = 0;
        runtime.Network.Answered = async request =>
        {
            // Before the second page is asked for: one of its objects goes, one of the first page's and one of the last's
            // change, and one comes.
            if (request.RequestUri!.Query.Contains("limit", StringComparison.Ordinal) && ++pages == 1)
            {
                await gauges.DeleteAsync(Name(6));
                await gauges.PatchAsync(Name(1), """{"spec":{"target":2}}""");
                await gauges.PatchAsync(Name(11), """{"spec":{"target":2}}""");
                await gauges.CreateAsync(Name(12));
            }
        };
        ResourceCache<Gauge> cache = Start(runtime, gauges, new() { PageSize = 5 });

        await HoldsWhatTheServerHasAsync(cache, gauges);

        Assert.Equal(3, pages);
        Assert.Null(cache.Get(gauges.Key(Name(6))));
        Assert.Equal(2, cache.Get(gauges.Key(Name(1)))!.Spec.Target);
        Assert.Equal(2, cache.Get(gauges.Key(Name(11)))!.Spec.Target);
        Assert.NotNull(cache.Get(gauges.Key(Name(12))));
        Assert.Equal(12, cache.List().Count);
    }

    [Fact]
    public async Task A_change_is_told_with_what_was_and_what_is()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "changes");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = Start(runtime, gauges);
        await cache.WaitForSyncAsync(Cancelled);
        List<(int? Old, int? New)> changes = [];
        using IDisposable registration = cache.OnChanged(change =>
            changes.Add((change.Old?.Spec.Target, change.New?.Spec.Target))
        );

        await gauges.CreateAsync("a", target: 1);
        await gauges.PatchAsync("a", """{"spec":{"target":2}}""");
        await gauges.DeleteAsync("a");

        await Condition.HoldsAsync(() => changes.Count == 3, "three changes", Cancelled);
        Assert.Equal([(null, 1), (1, 2), (2, null)], changes);
    }

    [Fact]
    public async Task A_handler_that_comes_later_is_told_of_what_is_there()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "later");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = Start(runtime, gauges);
        await cache.WaitForSyncAsync(Cancelled);

        List<string> came = [];
        cache.OnChanged(change => came.Add(change.New!.Metadata.Name));

        Assert.Equal(["a"], came);
    }

    [Fact]
    public async Task A_watch_goes_on_after_the_last_bookmark()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "bookmarks");
        Gauges others = await Gauges.InNewNamespaceAsync(cluster, "others");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = Start(runtime, gauges, new() { WatchTimeout = TimeSpan.FromSeconds(4) });
        await cache.WaitForSyncAsync(Cancelled);

        // The cache sees nothing of it: only a bookmark tells that the server has gone on.
        Gauge unseen = await others.CreateAsync("unseen");

        long version = long.Parse(unseen.Metadata.ResourceVersion!, CultureInfo.InvariantCulture);
        await Condition.HoldsAsync(
            _ => Task.FromResult(WatchedVersions(runtime.Network).Any(watched => watched >= version)),
            "a watch from a version that no object of the cache has",
            within: TimeSpan.FromMinutes(2),
            cancellationToken: Cancelled
        );
        Assert.Equal(
            1,
            runtime.Network.Requests.Count(request => request.Contains("limit=", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Objects_are_found_by_an_index_that_follows_their_changes()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "index");
        await gauges.CreateAsync("a", target: 1);
        await gauges.CreateAsync("b", target: 1);
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = Start(
            runtime,
            gauges,
            new()
            {
                Indexes = new Dictionary<string, Func<Gauge, IEnumerable<string>>>(StringComparer.Ordinal)
                {
                    ["target"] = gauge => [gauge.Spec.Target.ToString(CultureInfo.InvariantCulture)],
                },
            }
        );
        await cache.WaitForSyncAsync(Cancelled);
        Assert.Equal(2, cache.ByIndex("target", "1").Count);

        await gauges.PatchAsync("b", """{"spec":{"target":2}}""");
        await gauges.DeleteAsync("a");

        await Condition.HoldsAsync(() => cache.ByIndex("target", "1").Count == 0, "nothing left at 1", Cancelled);
        Assert.Equal("b", Assert.Single(cache.ByIndex("target", "2")).Metadata.Name);
        ArgumentException unknown = Assert.Throws<ArgumentException>(() => cache.ByIndex("colour", "red"));
        Assert.Contains("colour", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clients_own_models_can_be_selected_and_trimmed()
    {
        string ns = await cluster.CreateNamespaceAsync("models");
        await CreateConfigMapAsync(ns, "wanted", "yes");
        await CreateConfigMapAsync(ns, "unwanted", "no");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<V1ConfigMap> cache = await RunConfigMapsAsync(
            runtime,
            new()
            {
                Namespace = ns,
                LabelSelector = "wanted in (yes)",
                Transform = map =>
                {
                    map.Metadata.ManagedFields = null;
                    return map;
                },
            }
        );

        V1ConfigMap held = Assert.Single(cache.List());
        Assert.Equal("wanted", held.Metadata.Name);
        Assert.Null(held.Metadata.ManagedFields);

        // One that no longer matches goes, though it still exists.
        await cluster.KubectlAsync("-n", ns, "label", "configmap", "wanted", "--overwrite", "wanted=no");
        await Condition.HoldsAsync(() => cache.List().Count == 0, "nothing that matches", Cancelled);
    }

    [Fact]
    public async Task An_object_that_changes_may_share_parts_of_the_one_that_was_held()
    {
        string ns = await cluster.CreateNamespaceAsync("shared");
        await CreateConfigMapAsync(ns, "map", "yes");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<V1ConfigMap> cache = await RunConfigMapsAsync(
            runtime,
            new()
            {
                Namespace = ns,
                LabelSelector = "wanted",
                Share = (held, map) =>
                {
                    map.Data = held.Data;
                    return map;
                },
            }
        );
        IDictionary<string, string> data = Assert.Single(cache.List()).Data;

        await cluster.KubectlAsync("-n", ns, "label", "configmap", "map", "--overwrite", "wanted=again");
        await Condition.HoldsAsync(
            () => cache.List().Single().Metadata.Labels["wanted"] == "again",
            "the change",
            Cancelled
        );
        Assert.Same(data, cache.List().Single().Data);
    }

    [Fact]
    public async Task A_cache_that_is_not_allowed_to_list_is_not_ready_and_keeps_trying()
    {
        string ns = await cluster.CreateNamespaceAsync("denied");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<V1ConfigMap> cache = new(
            runtime.Client,
            ResourceKind.Of<V1ConfigMap>() with
            {
                Plural = "nosuchthings",
            },
            new() { Namespace = ns },
            runtime.Services
        );
        runtime.Run(cache.RunAsync);

        await Condition.HoldsAsync(() => runtime.Network.Requests.Count >= 3, "three tries", Cancelled);

        Assert.Contains(
            "nosuchthings has not been listed yet",
            runtime.Health.Readiness().Text,
            StringComparison.Ordinal
        );
        Assert.True(runtime.Health.Liveness().Ok);
    }

    internal static ResourceCache<Gauge> Start(
        Runtime runtime,
        Gauges gauges,
        ResourceCacheOptions<Gauge>? options = null
    )
    {
        ResourceCache<Gauge> cache = new(
            runtime.Client,
            Gauge.Kind,
            (options ?? new()) with
            {
                Namespace = gauges.Namespace,
            },
            runtime.Services
        );
        runtime.Run(cache.RunAsync);
        return cache;
    }

    internal static Task HoldsWhatTheServerHasAsync(ResourceCache<Gauge> cache, Gauges gauges) =>
        Condition.HoldsAsync(
            async token =>
                cache.IsSynced
                && (await gauges.StatesAsync(token)).SequenceEqual(Gauges.States(cache.List()), StringComparer.Ordinal),
            "a cache that holds what the server has",
            within: TimeSpan.FromMinutes(1),
            cancellationToken: Cancelled
        );

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"gauge-{number:00}");

    private static IEnumerable<long> WatchedVersions(Network network) =>
        from request in network.Requests
        let version = WatchedVersion().Match(request)
        where version.Success
        select long.Parse(version.Groups["version"].Value, CultureInfo.InvariantCulture);

    private async Task CreateConfigMapAsync(string ns, string name, string wanted)
    {
        V1ConfigMap map = new()
        {
            Metadata = new()
            {
                Name = name,
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["wanted"] = wanted },
            },
        };
        await k8s.CoreV1OperationsExtensions.CreateNamespacedConfigMapAsync(
            cluster.Admin.CoreV1,
            map,
            ns,
            cancellationToken: Cancelled
        );
    }

    [GeneratedRegex("watch=true.*resourceVersion=(?<version>[0-9]+)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex WatchedVersion();

    private static async Task<ResourceCache<V1ConfigMap>> RunConfigMapsAsync(
        Runtime runtime,
        ResourceCacheOptions<V1ConfigMap> options
    )
    {
        ResourceCache<V1ConfigMap> cache = new(
            runtime.Client,
            ResourceKind.Of<V1ConfigMap>(),
            options,
            runtime.Services
        );
        runtime.Run(cache.RunAsync);
        await cache.WaitForSyncAsync(Cancelled);
        return cache;
    }
}
