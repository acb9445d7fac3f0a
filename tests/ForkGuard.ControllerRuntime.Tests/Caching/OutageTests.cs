using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerRuntime.Tests.Caching;

/// <summary>What happens to a cache when the API server goes away.</summary>
[Trait("Needs", "Machine")]
[Collection(nameof(OutageTests))]
[CollectionDefinition(nameof(OutageTests), DisableParallelization = true)]
public sealed class OutageTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cache_recovers_from_an_outage_and_readiness_names_it_meanwhile()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "outage");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = ResourceCacheTests.Start(runtime, gauges);
        await Condition.HoldsAsync(() => runtime.Health.Readiness().Ok, "a cache that is ready", Cancelled);

        await cluster.StopApiServerAsync();
        await Condition.HoldsAsync(() => !runtime.Health.Readiness().Ok, "a cache that is cut off", Cancelled);
        HealthAnswer readiness = runtime.Health.Readiness();
        HealthAnswer liveness = runtime.Health.Liveness();
        Gauge? heldMeanwhile = cache.Get(gauges.Key("a"));
        await cluster.StartApiServerAsync();

        Assert.StartsWith(
            "gauges.runtime.forkguard.io has been disconnected for",
            readiness.Text,
            StringComparison.Ordinal
        );
        Assert.True(liveness.Ok);
        Assert.NotNull(heldMeanwhile);
        await gauges.CreateAsync("b");
        await ResourceCacheTests.HoldsWhatTheServerHasAsync(cache, gauges);
        await Condition.HoldsAsync(() => runtime.Health.Readiness().Ok, "a cache that is ready again", Cancelled);
    }

    /// <summary>A restarted server has no memory of the events before its start: the real 410.</summary>
    [Fact]
    public async Task What_went_while_the_cache_was_cut_off_and_its_version_forgotten_is_noticed()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "forgotten");
        await gauges.CreateAsync("goes");
        await gauges.CreateAsync("stays");
        await gauges.CreateAsync("replaced");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = ResourceCacheTests.Start(runtime, gauges);
        await cache.WaitForSyncAsync(Cancelled);
        List<string> changes = [];
        using IDisposable registration = cache.OnChanged(change =>
        {
            string what = change switch
            {
                { Old: null } => "came",
                { New: null } => "went",
                _ => "changed",
            };
            changes.Add($"{change.Key.Name} {what}");
        });
        changes.Clear();

        runtime.Network.Cut();
        await cluster.StopApiServerAsync();
        await cluster.StartApiServerAsync();
        await gauges.DeleteAsync("goes");
        await gauges.DeleteAsync("replaced");
        await gauges.CreateAsync("replaced");
        await gauges.CreateAsync("comes");
        await cluster.StopApiServerAsync();
        await EtcdCompaction.RunAsync(cluster, Cancelled);
        await cluster.StartApiServerAsync();
        Assert.Empty(changes);
        runtime.Network.Mend();

        await ResourceCacheTests.HoldsWhatTheServerHasAsync(cache, gauges);
        await Condition.HoldsAsync(() => changes.Count == 4, "four changes told", Cancelled);
        Assert.Equal(
            ["comes came", "goes went", "replaced came", "replaced went"],
            changes.Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        Assert.True(changes.IndexOf("replaced went") < changes.IndexOf("replaced came"));
        Assert.Equal(
            2,
            runtime.Network.Requests.Count(request => request.Contains("limit=", StringComparison.Ordinal))
        );
    }
}
