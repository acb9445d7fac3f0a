using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>Objects that cannot be read, and lists that fail at first: they block themselves, and no restart beside them.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class UnreadableObjectTests(ControlPlane cluster)
{
    private const string Bystander = "bystander";

    private static readonly string[] Kinds =
    [
        "forkwatches",
        "clusterforkwatches",
        "nodeforkreports",
        "forkrestarts",
        "nodes",
        "namespaces",
        "pods",
    ];

    [Fact]
    public async Task An_unreadable_object_of_every_kind_blocks_only_itself()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var names = await BystandersAsync(stage);
        var unreadable = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var controller = new RunningController(cluster, () => [new SpoiledLists(names, unreadable)]);
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            TimeSpan.FromSeconds(60),
            Stage.Cancelled
        );

        Assert.Equal(Kinds.Order(StringComparer.Ordinal), unreadable.Keys.Order(StringComparer.Ordinal));
        Assert.False(controller.Ended.IsCompleted, "the controller ended");
        await cluster.KubectlAsync("delete", "node,nodeforkreport", names["nodes"], "--wait=false");
        await cluster.KubectlAsync("delete", "namespace", names["namespaces"], "--wait=false");
    }

    [Fact]
    public async Task A_list_of_any_kind_that_fails_at_first_delays_a_restart_and_ends_nothing()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var failed = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var interceptor = new Interceptor(
            (request, _) =>
                Task.FromResult(
                    KindOfList(request) is { } kind && failed.TryAdd(kind, true)
                        ? new HttpResponseMessage(HttpStatusCode.InternalServerError)
                        {
                            RequestMessage = request,
                            Content = new StringContent("etcdserver: leader changed"),
                        }
                        : null
                )
        );
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction", TimeSpan.FromSeconds(60));

        Assert.Equal(Kinds.Order(StringComparer.Ordinal), failed.Keys.Order(StringComparer.Ordinal));
        Assert.False(controller.Ended.IsCompleted, "the controller ended");
    }

    /// <summary>Creates an object of each kind.</summary>
    /// <returns>Their names.</returns>
    private async Task<IReadOnlyDictionary<string, string>> BystandersAsync(Stage stage)
    {
        var other = await cluster.CreateNamespaceAsync(Bystander);
        await cluster.Admin.CoreV1.CreateNodeAsync(
            new V1Node { Metadata = new() { Name = other } },
            cancellationToken: Stage.Cancelled
        );
        var report = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            report,
            $$"""{"apiVersion":"{{ForkGuardApi.ApiVersion}}","kind":"NodeForkReport","metadata":{"name":"{{other}}"},"spec":{} }""",
            Stage.Cancelled
        );
        var applied = await cluster.KubectlAsync("apply", "-f", report);
        File.Delete(report);
        Assert.True(applied.ExitCode == 0, applied.StandardError);
        await stage.WatchAsync(name: Bystander);
        var clusterWatch = await stage.ClusterWatchAsync(
            new ClusterForkWatchSpec { Selector = Workloads.Spec().Selector }
        );
        await stage.AddPodAsync(Workloads.Pod(Bystander, stage.Node, pod => pod.Metadata.Labels = null));
        var owner = new RestartOwner
        {
            ApiVersion = "apps/v1",
            Kind = "ReplicaSet",
            Name = Bystander,
        };
        await Resources.CreateRecordAsync(
            cluster,
            stage.Namespace,
            owner,
            new ForkRestartStatus { State = RestartState.Idle }
        );
        var record = (await stage.RecordsAsync())[0].Metadata!.Name!;
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["forkwatches"] = Bystander,
            ["clusterforkwatches"] = clusterWatch.Metadata!.Name!,
            ["nodeforkreports"] = other,
            ["forkrestarts"] = record,
            ["nodes"] = other,
            ["namespaces"] = other,
            ["pods"] = Bystander,
        };
    }

    private static string? KindOfList(HttpRequestMessage request)
    {
        var uri = request.RequestUri!;
        var last = uri.Segments[^1];
        return
            request.Method == HttpMethod.Get
            && !uri.Query.Contains("watch=", StringComparison.Ordinal)
            && Kinds.Contains(last, StringComparer.Ordinal)
            ? last
            : null;
    }

    /// <summary>Gives one object of each kind labels that are a number.</summary>
    private sealed class SpoiledLists(
        IReadOnlyDictionary<string, string> names,
        ConcurrentDictionary<string, bool> spoiled
    ) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (KindOfList(request) is not { } kind || !answer.IsSuccessStatusCode)
            {
                return answer;
            }

            var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!;
            foreach (var item in list["items"]!.AsArray())
            {
                if ((string?)item!["metadata"]!["name"] == names[kind])
                {
                    item["metadata"]!["labels"] = 7;
                    spoiled[kind] = true;
                }
            }

            answer.Content = new StringContent(list.ToJsonString());
            return answer;
        }
    }
}
