using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Workloads that an operator's object owns: the replacement is that of the StatefulSet, DaemonSet or Deployment below it.</summary>
public sealed class OperatorTests
{
    private const string Template = """{"spec":{"containers":[{"image":"redis:7"}]}}""";

    [Theory]
    [InlineData("StatefulSet", "redis-2", "node-a", false)]
    [InlineData("StatefulSet", "redis-0", "node-b", true)]
    [InlineData("DaemonSet", "redis-c", "node-b", false)]
    [InlineData("DaemonSet", "redis-c", "node-a", true)]
    public async Task Only_a_pod_in_the_place_of_the_restarted_one_is_its_replacement(
        string kind,
        string name,
        string node,
        bool isReplacement
    )
    {
        await using var scene = await RestartedAsync(kind);

        AddPod(scene, kind, name, "uid-of-new", node);
        await scene.FollowAsync();

        Assert.Equal(isReplacement ? RestartState.Proving : RestartState.Replacing, StatusOf(scene).State);
        Assert.Equal(isReplacement ? "uid-of-new" : null, StatusOf(scene).Restart?.Replacement?.Pod.Uid);
    }

    [Theory]
    [InlineData("StatefulSet")]
    [InlineData("DaemonSet")]
    [InlineData("Deployment")]
    public async Task A_changed_template_ends_the_restart_as_superseded(string kind)
    {
        await using var scene = await RestartedAsync(kind);

        scene.Api.Change(
            PathOf(kind),
            workload => workload["spec"]!["template"] = JsonNode.Parse(Template.Replace('7', '8'))
        );
        await scene.FollowAsync();

        Assert.Equal("Superseded", StatusOf(scene).Result?.Text);
    }

    [Theory]
    [InlineData("StatefulSet")]
    [InlineData("Deployment")]
    public async Task Fewer_wanted_replicas_end_the_restart_as_superseded(string kind)
    {
        await using var scene = await RestartedAsync(kind);

        scene.Api.Change(PathOf(kind), workload => workload["spec"]!["replicas"] = 1);
        await scene.FollowAsync();

        Assert.Equal("Superseded", StatusOf(scene).Result?.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_StatefulSet_that_is_gone_ends_the_restart(bool isMadeAgain)
    {
        await using var scene = await RestartedAsync("StatefulSet");

        if (isMadeAgain)
        {
            scene.Api.Change(PathOf("StatefulSet"), workload => workload["metadata"]!["uid"] = "uid-of-another");
        }
        else
        {
            scene.Api.Remove(PathOf("StatefulSet"));
        }

        await scene.FollowAsync();

        Assert.Equal("OwnerGone", StatusOf(scene).Result?.Text);
    }

    [Fact]
    public async Task A_rollout_that_had_begun_before_the_restart_supersedes_it()
    {
        await using var scene = await RestartedAsync("Deployment");

        scene.Put(CoordinatorScene.Apps + "replicasets/", "redis-2", SetJson);
        scene.AddPod("redis-2-a", "redis-2");
        await scene.AdvanceAsync(TimeSpan.FromHours(2));
        await scene.FollowAsync();

        Assert.Equal("Superseded", StatusOf(scene).Result?.Text);
    }

    [Fact]
    public async Task A_StatefulSet_that_cannot_be_read_ends_the_restart_by_its_time()
    {
        await using var scene = await RestartedAsync("StatefulSet");
        scene.Api.Intercept = (request, _) =>
            Task.FromResult(request.Path == PathOf("StatefulSet") ? ScriptedApi.Refusal(403, "no") : null);

        await Assert.ThrowsAnyAsync<Exception>(() => scene.FollowAsync());
        Assert.Equal(RestartState.Replacing, StatusOf(scene).State);
        await scene.AdvanceAsync(TimeSpan.FromHours(2));
        await scene.FollowAsync();

        Assert.Equal("NotReplaced", StatusOf(scene).Result?.Text);
    }

    [Theory]
    [InlineData("Idle", "2026-01-31T13:00:00Z", false)]
    [InlineData("Idle", "2026-01-31T11:59:00Z", true)]
    [InlineData("Proving", "2026-01-31T11:59:00Z", false)]
    public async Task A_restart_before_an_operator_adopts_the_workload_counts(
        string state,
        string until,
        bool isRestarted
    )
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(
            PathOf("Deployment"),
            workload =>
                workload["metadata"]!["ownerReferences"] = Owners(
                    "databases.spotahome.com/v1",
                    "RedisFailover",
                    "uid-1"
                )
        );
        scene.AddRecord("shop", "redis", state, "node-b", state == "Idle" ? "Helped" : null);
        scene.Api.Change(
            CoordinatorScene.RecordPath,
            record =>
                record["status"]!["cooldown"] = JsonNode.Parse(
                    $$"""{"since":"2026-01-31T11:00:00Z","until":"{{until}}","watch":"ForkWatch shop/redis"}"""
                )
        );
        await scene.ReportAsync(("redis-1-a", 95));

        var blocks = await scene.DecideAsync();

        Assert.Equal(isRestarted ? [] : [BlockReason.Cooldown], blocks.Select(block => block.Reason));
        Assert.Equal(isRestarted ? ["redis-1-a"] : [], scene.Evicted);
    }

    /// <summary>The controller is another one, which has never seen the object.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_before_an_operators_object_goes_counts_for_the_workload_that_it_leaves(bool isAdopted)
    {
        await using var scene = await AfterRestartAsync(_ => { });
        if (isAdopted)
        {
            scene.Api.Change(
                PathOf("Deployment"),
                workload => workload["metadata"]!["ownerReferences"] = Owners("redis.example.com/v1", "Redis", "uid-2")
            );
        }

        await scene.ReportAsync(("redis-1-b", 95));

        Assert.Equal([BlockReason.Cooldown], (await scene.DecideAsync()).Select(block => block.Reason));
    }

    [Theory]
    [InlineData("namespace", "stage")]
    [InlineData("kind", "StatefulSet")]
    [InlineData("name", "cache")]
    public async Task A_restart_of_another_workload_below_an_operators_object_does_not_count(
        string member,
        string value
    )
    {
        await using var scene = await AfterRestartAsync(record =>
        {
            IEnumerable<JsonNode?> changed =
                member == "namespace" ? new[] { record["metadata"] } : record["status"]!["ownersBelow"]!.AsArray();
            foreach (var node in changed)
            {
                Assert.NotNull(node![member]);
                node[member] = value;
            }
        });
        await scene.ReportAsync(("redis-1-b", 95));

        Assert.Empty(await scene.DecideAsync());
        Assert.Equal(["redis-1-b"], scene.Evicted);
    }

    /// <summary>Another controller, whose cluster has the record of a restart below an object that is gone.</summary>
    private static async Task<CoordinatorScene> AfterRestartAsync(Action<JsonObject> change)
    {
        await using var before = await RestartedAsync("Deployment");
        var record = before.Api.All("apis/forkguard.io/v1alpha1/forkrestarts").Single();
        record["status"]!["state"] = "Idle";
        record["status"]!.AsObject().Remove("restart");
        change(record);
        var metadata = record["metadata"]!;
        var path = $"apis/forkguard.io/v1alpha1/namespaces/{metadata["namespace"]}/forkrestarts/{metadata["name"]}";
        return await CoordinatorScene.BeginAsync(api => api.Put(path, record));
    }

    private static string SetJson =>
        """{"metadata":{"labels":{"app":"redis"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"redis","uid":"uid-of-redis","controller":true}]},"spec":{"selector":{"matchLabels":{"app":"redis"}}}}""";

    /// <summary>The restart of a pod whose workload belongs to an operator's object; the pod is gone.</summary>
    private static async Task<CoordinatorScene> RestartedAsync(string kind)
    {
        var scene = await CoordinatorScene.BeginAsync();
        var pod = "redis-1-a";
        if (kind == "Deployment")
        {
            scene.Api.Change(PathOf(kind), workload => workload["spec"]!["template"] = JsonNode.Parse(Template));
        }
        else
        {
            pod = kind == "StatefulSet" ? "redis-0" : "redis-a";
            scene.Api.Remove(CoordinatorScene.Pods + "redis-1-a");
            scene.Api.Remove(CoordinatorScene.Pods + "redis-1-b");
            scene.Put(
                PathOf(kind)[..^"redis".Length],
                "redis",
                $$$"""{"metadata":{"uid":"uid-of-{{{kind}}}"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"redis"}},"template":{{{Template}}}}}"""
            );
            AddPod(scene, kind, pod, $"uid-of-{pod}", CoordinatorScene.Node);
            AddPod(scene, kind, kind == "StatefulSet" ? "redis-1" : "redis-b", "uid-of-other", "node-b");
        }

        scene.Api.Change(
            PathOf(kind),
            workload =>
                workload["metadata"]!["ownerReferences"] = Owners(
                    "databases.spotahome.com/v1",
                    "RedisFailover",
                    "uid-1"
                )
        );
        await scene.ReportAsync((pod, 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(CoordinatorScene.Pods + pod);
        await scene.FollowAsync();
        var record = Assert.Single(scene.Records);
        Assert.Equal(("RedisFailover", RestartState.Replacing), (record.Spec.Owner.Kind, record.Status?.State));
        return scene;
    }

    private static ForkRestartStatus StatusOf(CoordinatorScene scene) => Assert.Single(scene.Records).Status!;

    private static string PathOf(string kind) => $"{CoordinatorScene.Apps}{kind.ToLowerInvariant()}s/redis";

    private static void AddPod(CoordinatorScene scene, string kind, string name, string uid, string node)
    {
        scene.AddPod(name);
        scene.Api.Change(
            CoordinatorScene.Pods + name,
            pod =>
            {
                pod["metadata"]!["uid"] = uid;
                pod["metadata"]!["ownerReferences"] = Owners("apps/v1", kind, $"uid-of-{kind}");
                pod["spec"]!["nodeName"] = node;
            }
        );
    }

    private static JsonArray Owners(string apiVersion, string kind, string uid) =>
        [
            new JsonObject
            {
                ["apiVersion"] = apiVersion,
                ["kind"] = kind,
                ["name"] = "redis",
                ["uid"] = uid,
                ["controller"] = true,
            },
        ];
}
