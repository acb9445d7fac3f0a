using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Restarts.Tests.Scenes;

/// <summary>The objects of the API server.</summary>
internal sealed partial class CoordinatorScene
{
    /// <summary>A Ready pod of the ReplicaSet.</summary>
    internal void AddPod(string name, string set = "redis-1") =>
        Put(
            Pods,
            name,
            $$$"""{"metadata":{"labels":{"app":"redis"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{{{set}}}","uid":"uid-of-{{{set}}}","controller":true}]},"spec":{"nodeName":"node-a","containers":[{"name":"redis"}]},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-31T11:00:00Z"}]}}"""
        );

    /// <summary>The nodes on which a watch of all host processes needs a report.</summary>
    internal IReadOnlyList<string> HostNodes()
    {
        var spec = new ClusterForkWatchSpec { HostProcesses = new HostProcessSelector() };
        var watch = new ClusterForkWatch
        {
            Metadata = new ObjectMeta { Name = "hosts" },
            Spec = spec,
        };
        return [.. _evaluation.Selection.NodesOf(Watch.From(WatchResource.Of(watch), out _)!)];
    }

    /// <summary>The status of the watch of the last report.</summary>
    /// <param name="clock">The clock of the API server.</param>
    /// <param name="last">The status that the watch has.</param>
    internal WatchStatus StatusOf(ServerClock clock, WatchStatus? last = null)
    {
        var resource = WatchResource.Of(_watch!.ForkWatch! with { Status = last });
        var silentAfter = TimeSpan.FromMinutes(11);
        var reader = new SituationReader(
            _evaluation.Selection,
            _evaluation.Readings,
            _parts.Records,
            clock,
            silentAfter
        );
        var situation = reader.Read(resource, _evaluation.Trackers.Of(resource)!, []);
        return WatchStatusBuilder.Build(situation, Time.GetUtcNow());
    }

    internal void PutWatch(Func<ForkWatchSpec, ForkWatchSpec> with, long generation = 1) =>
        Api.Put(
            WatchPath,
            JsonSerializer.SerializeToNode(
                new ForkWatch
                {
                    Metadata = new ObjectMeta
                    {
                        Name = "redis",
                        Namespace = "shop",
                        Uid = "uid-of-watch",
                        Generation = generation,
                    },
                    Spec = with(Workloads.Spec()),
                },
                ApiJson.Default.ForkWatch
            )!
        );

    /// <summary>Puts a ClusterForkWatch over the namespaces of team a, in place of the ForkWatch.</summary>
    internal void PutClusterWatch(Func<ForkWatchSpec, ForkWatchSpec> with)
    {
        var spec = JsonSerializer.SerializeToNode(with(Workloads.Spec()), ApiJson.Default.ForkWatchSpec)!.AsObject();
        spec["namespaceSelector"] = JsonNode.Parse("""{"matchLabels":{"team":"a"}}""");
        Api.Remove(WatchPath);
        Api.Put(ClusterWatchPath, new JsonObject { ["metadata"] = MetadataOf("redis"), ["spec"] = spec });
    }

    /// <summary>Adds another ForkWatch of the namespace.</summary>
    internal void AddWatch(string name, JsonObject spec)
    {
        var given = new JsonObject { ["metadata"] = MetadataOf(name), ["spec"] = spec };
        given["metadata"]!["namespace"] = "shop";
        Add(WatchResource.Of(given.Deserialize(ApiJson.Default.ForkWatch)!));
    }

    /// <summary>Adds another ClusterForkWatch.</summary>
    internal void AddClusterWatch(string name, JsonObject spec)
    {
        var given = new JsonObject { ["metadata"] = MetadataOf(name), ["spec"] = spec };
        Add(WatchResource.Of(given.Deserialize(ApiJson.Default.ClusterForkWatch)!));
    }

    private void Add(WatchResource watch) => _evaluation.Trackers.Put(watch, Watch.From(watch, out _)!, out _);

    private WatchResource WatchNow =>
        Api.Get(WatchPath) is { } watch
            ? WatchResource.Of(watch.Deserialize(ApiJson.Default.ForkWatch)!)
            : WatchResource.Of(Api.Get(ClusterWatchPath)!.Deserialize(ApiJson.Default.ClusterForkWatch)!);

    private static JsonObject MetadataOf(string name) =>
        new()
        {
            ["name"] = name,
            ["uid"] = $"uid-of-watch-{name}",
            ["generation"] = 1,
        };

    /// <summary>Puts an object of this name.</summary>
    internal void Put(string collection, string name, string json)
    {
        var given = JsonNode.Parse(json)!.AsObject();
        var metadata = given["metadata"] as JsonObject ?? [];
        metadata["name"] = name;
        var parts = collection.Split('/');
        metadata["namespace"] = parts.SkipWhile(part => part != "namespaces").Skip(1).FirstOrDefault();
        given["metadata"] = metadata;
        Api.Put(collection + name, given);
    }

    /// <summary>Puts the record of another workload.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="owner">The name of its Deployment.</param>
    /// <param name="state">Its state.</param>
    /// <param name="node">The node of its pod.</param>
    /// <param name="result">The result of a restart that ended; null for one in progress.</param>
    /// <param name="time">All its times; null for the present.</param>
    /// <param name="name">The name of the record; null for the one that its workload gives it.</param>
    internal void AddRecord(
        string ns,
        string owner,
        string state,
        string node,
        string? result = null,
        string? time = null,
        string? name = null
    )
    {
        var now = time is null
            ? Time.GetUtcNow()
            : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var record = RecordOf(ns, owner, state, node, result, now, name);
        Api.Put(
            $"apis/forkguard.io/v1alpha1/namespaces/{ns}/forkrestarts/{(string?)record["metadata"]!["name"]}",
            record
        );
    }

    /// <summary>The record of a workload.</summary>
    internal static JsonNode RecordOf(
        string ns,
        string owner,
        string state,
        string node,
        string? result,
        DateTimeOffset now,
        string? name = null
    )
    {
        var run = new RestartRun
        {
            Watch = new WatchReference
            {
                Kind = "ForkWatch",
                Namespace = ns,
                Name = owner,
                Uid = "watch-of-" + owner,
            },
            Pod = new PodReference
            {
                Namespace = ns,
                Name = owner,
                Uid = "uid-of-" + owner,
            },
            Node = node,
            Constraint = ConstraintType.Pids,
            ActAtPercent = 90,
            Method = RestartMethod.Evict,
            Reason = "95 %",
            OwnerUid = "owner",
            ControllerUid = "set",
            Siblings = [],
            ReplaceWithinSeconds = 900,
            DecidedTime = now,
            AcceptedTime = now,
        };
        var key = new RecordKey(ns, OwnerOf(owner));
        return JsonSerializer.SerializeToNode(
            new ForkRestart
            {
                Metadata = new ObjectMeta { Name = name ?? key.Resource.Name, Namespace = ns },
                Spec = new ForkRestartSpec { Owner = key.Owner },
                Status = new ForkRestartStatus
                {
                    State = new OpenEnum<RestartState>(state),
                    Restart = result is null ? run : null,
                    History = result is null
                        ? []
                        :
                        [
                            new PastRestart
                            {
                                Pod = run.Pod,
                                Watch = "ForkWatch shop/other",
                                Result = new OpenEnum<RestartResult>(result),
                                DecidedTime = now,
                                EndedTime = now,
                            },
                        ],
                },
            },
            ApiJson.Default.ForkRestart
        )!;
    }

    /// <summary>Puts a Lease that was renewed now.</summary>
    internal void AddLease(string ns, string uid, string holder)
    {
        var renewed = Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        Put(
            $"apis/coordination.k8s.io/v1/namespaces/{ns}/leases/",
            ControllerOptions.LeaseName,
            $$$"""{"metadata":{"uid":"{{{uid}}}"},"spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,"leaseTransitions":3,"acquireTime":"{{{renewed}}}","renewTime":"{{{renewed}}}"}}"""
        );
    }
}
