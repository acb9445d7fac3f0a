using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>
/// The collections of tests with a stage. Every controller reads every watch of its cluster, so the tests of one cluster run one
/// after the other. Each collection has a cluster of its own.
/// </summary>
internal static class Stages
{
    internal const string OfRestarts = "restarts";
    internal const string OfWatches = "watches";
}

[CollectionDefinition(Stages.OfRestarts)]
public sealed class RestartStages : ICollectionFixture<ControlPlane>, ICollectionFixture<TurnOnSharedCluster>;

[CollectionDefinition(Stages.OfWatches)]
public sealed class WatchStages : ICollectionFixture<ControlPlane>, ICollectionFixture<TurnOnSharedCluster>;

/// <summary>Where <c>KUBECONFIG</c> names one cluster for both collections, the second one begins when the first one has ended.</summary>
public sealed class TurnOnSharedCluster : IAsyncLifetime
{
    private static readonly SemaphoreSlim Turn = new(1);
    private static readonly bool IsShared = Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 };

    public async ValueTask InitializeAsync()
    {
        if (IsShared)
        {
            await Turn.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (IsShared)
        {
            Turn.Release();
        }

        return ValueTask.CompletedTask;
    }
}
