using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Restarts.Tests;

public sealed class LocalFactsTests
{
    [Theory]
    [InlineData(true, null, 30, null)]
    [InlineData(true, 60, 150, null)]
    [InlineData(false, null, 0, "pods have not been listed yet")]
    [InlineData(true, 90, 90, "the stream of pods is closed for more than 60 s")]
    [InlineData(true, null, 200, "the stream of pods is open but silent for more than 2 min")]
    public void A_cache_is_stale_while_its_stream_is_closed_or_silent(
        bool isSynced,
        int? closed,
        int silent,
        string? stale
    ) =>
        Assert.Equal(
            stale,
            LocalFacts.StaleOf(
                new Health(
                    isSynced,
                    closed is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                    TimeSpan.FromSeconds(silent)
                )
            )
        );

    [Fact]
    public void Pods_of_all_ReplicaSets_of_a_Deployment_are_siblings()
    {
        var old = PodOf("ReplicaSet", "redis-abc", "abc");
        var rolledOut = PodOf("ReplicaSet", "redis-def", "def");

        Assert.Equal(old.WorkloadKey(), rolledOut.WorkloadKey());
        AssertOther(old, PodOf("ReplicaSet", "redis-web-def", "def"));
        AssertOther(PodOf("ReplicaSet", "redis", hash: null), PodOf("StatefulSet", "redis", hash: null));
    }

    private static void AssertOther(Pod pod, Pod other) =>
        Assert.False(string.Equals(pod.WorkloadKey(), other.WorkloadKey(), StringComparison.Ordinal));

    private static Pod PodOf(string kind, string controller, string? hash) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = "shop",
                Name = $"{controller}-0",
                Labels = hash is null
                    ? null
                    : new Dictionary<string, string>(StringComparer.Ordinal) { ["pod-template-hash"] = hash },
                OwnerReferences =
                [
                    new OwnerReference
                    {
                        ApiVersion = "apps/v1",
                        Kind = kind,
                        Name = controller,
                        Uid = $"uid-of-{kind}-{controller}",
                        Controller = true,
                    },
                ],
            },
        };

    private sealed record Health(bool IsSynced, TimeSpan? DisconnectedFor, TimeSpan SilentFor) : ICacheHealth
    {
        public string Name => "pods";

        public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
