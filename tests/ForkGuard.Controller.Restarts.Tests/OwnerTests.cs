using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>The workload of a pod, found by its owners, and the pods of the workload, found by its selector.</summary>
public sealed class OwnerTests
{
    private const string Pod = CoordinatorScene.Pods + "redis-1-a";
    private const string Deployment = CoordinatorScene.Apps + "deployments/redis";
    private const string Sets = CoordinatorScene.Apps + "replicasets/";

    [Fact]
    public async Task A_pod_that_another_workload_adopts_after_the_decision_is_not_restarted()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        AddOrphanSet(scene);
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request.Records("Decided"))
            {
                Adopt(scene);
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Equal(BlockReason.Unmanaged, (await scene.DecideAsync())[0].Reason);

        Assert.Empty(scene.Evicted);
        Assert.Equal(RestartState.Idle, scene.Status?.State);
        Assert.Null(scene.Status?.Cooldown);
    }

    [Fact]
    public async Task A_pod_that_another_workload_adopts_during_the_decision_is_not_restarted()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        AddOrphanSet(scene);
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.Intercept = (request, _) =>
        {
            if (request is { Method: "GET" } && request.Path == CoordinatorScene.RecordPath)
            {
                Adopt(scene);
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        Assert.Equal(BlockReason.Unmanaged, (await scene.DecideAsync())[0].Reason);

        Assert.Empty(scene.Evicted);
        Assert.Null(scene.Status);
    }

    [Fact]
    public async Task A_workload_of_an_unknown_kind_is_restarted_and_followed()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(Sets + "redis-1", set => Own(set, "argoproj.io/v1alpha1", "Rollout", "redis"));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        var record = Assert.Single(scene.Records);
        Assert.Equal(
            ("argoproj.io/v1alpha1", "Rollout", "redis"),
            (record.Spec.Owner.ApiVersion, record.Spec.Owner.Kind, record.Spec.Owner.Name)
        );
        Assert.Equal(
            ("uid-of-Rollout-redis", "uid-of-redis-1"),
            (record.Status?.Restart?.OwnerUid, record.Status?.Restart?.ControllerUid)
        );
        scene.Api.Remove(Pod);
        scene.AddPod("redis-1-c");
        await scene.FollowAsync();
        Assert.Equal(RestartState.Proving, Assert.Single(scene.Records).Status?.State);
    }

    [Theory]
    [InlineData(true, "NotReplaced")]
    [InlineData(false, "Unproven")]
    public async Task A_workload_of_an_unknown_kind_without_pods_is_no_failed_restart(bool isLive, string result)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        foreach (var pod in new[] { "redis-1-a", "redis-1-b" })
        {
            scene.Api.Change(
                CoordinatorScene.Pods + pod,
                given => Own(given, "apps.kruise.io/v1alpha1", "CloneSet", "redis")
            );
        }

        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Empty(await scene.DecideAsync());
        scene.Api.Remove(Pod);
        if (!isLive)
        {
            scene.Api.Remove(CoordinatorScene.Pods + "redis-1-b");
        }

        await scene.FollowAsync();
        Assert.Equal(RestartState.Replacing, Assert.Single(scene.Records).Status?.State);
        await scene.AdvanceAsync(TimeSpan.FromHours(2));
        await scene.FollowAsync();

        Assert.Equal(result, Assert.Single(scene.Records).Status?.Result?.Text);
    }

    [Fact]
    public async Task A_ReplicaSet_of_a_workload_that_cannot_be_read_forbids_a_restart()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(Sets + "redis-1", set => Own(set, "argoproj.io/v1alpha1", "Rollout", "redis"));
        scene.Api.Change(
            Sets + "redis-1",
            set => set["metadata"]!["annotations"] = new JsonObject { ["forkguard.io/restart"] = "false" }
        );
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Equal(BlockReason.OptedOut, (await scene.DecideAsync())[0].Reason);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task The_fifth_owner_is_the_workload()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        string[] sets = ["redis-1", "set-2", "set-3", "set-4", "set-5", "set-6"];
        foreach (var (set, owner) in sets.Zip(sets.Skip(1)))
        {
            scene.Put(Sets, set, """{"spec":{"selector":{"matchLabels":{"app":"redis"}}}}""");
            scene.Api.Change(Sets + set, given => Own(given, "apps/v1", "ReplicaSet", owner));
        }

        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal("set-5", Assert.Single(scene.Records).Spec.Owner.Name);
    }

    [Fact]
    public async Task Deadlines_that_no_object_names_are_those_of_Kubernetes()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(Deployment, deployment => deployment["spec"]!.AsObject().Remove("progressDeadlineSeconds"));
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());

        Assert.Equal(30 + 600 + 900, scene.Status?.Restart?.ReplaceWithinSeconds);
    }

    [Fact]
    public async Task Pods_and_ReplicaSets_are_listed_by_the_selector_of_the_workload()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.Api.Change(
            Deployment,
            deployment =>
                deployment["spec"]!["selector"] = JsonNode.Parse(
                    """
                    {"matchLabels":{"app":"redis"},"matchExpressions":[
                      {"key":"tier","operator":"In","values":["a","b"]},
                      {"key":"zone","operator":"NotIn","values":["x","y"]},
                      {"key":"part","operator":"Exists"},
                      {"key":"gone","operator":"DoesNotExist"}]}
                    """
                )
        );
        await scene.ReportAsync(("redis-1-a", 95));

        await scene.DecideAsync();

        foreach (var plural in new[] { "replicasets", "pods" })
        {
            Assert.Contains(
                scene.Api.Requests,
                request =>
                    request.Path.EndsWith($"/namespaces/shop/{plural}", StringComparison.Ordinal)
                    && request.Query.Contains(
                        "labelSelector=app=redis,tier in (a,b),zone notin (x,y),part,!gone&",
                        StringComparison.Ordinal
                    )
            );
        }
    }

    [Fact]
    public async Task Pods_of_other_owners_with_the_same_labels_are_not_of_the_workload()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        AddOrphanSet(scene);
        scene.AddPod("other-a", "other");
        await scene.ReportAsync(("redis-1-a", 95));
        scene.Api.ChangeUnseen(
            CoordinatorScene.Pods + "redis-1-b",
            pod => pod["status"]!["conditions"] = new JsonArray()
        );

        Assert.Equal(BlockReason.MinReadyReplicas, (await scene.DecideAsync())[0].Reason);
    }

    /// <summary>A ReplicaSet of no Deployment.</summary>
    private static void AddOrphanSet(CoordinatorScene scene) =>
        scene.Put(
            Sets,
            "other",
            """{"metadata":{"labels":{"app":"redis"}},"spec":{"selector":{"matchLabels":{"app":"redis"}}}}"""
        );

    private static void Adopt(CoordinatorScene scene) =>
        scene.Api.ChangeUnseen(Pod, pod => Own(pod, "apps/v1", "ReplicaSet", "other", "uid-of-other"));

    private static void Own(JsonObject given, string apiVersion, string kind, string name, string? uid = null) =>
        given["metadata"]!["ownerReferences"] = new JsonArray(
            new JsonObject
            {
                ["apiVersion"] = apiVersion,
                ["kind"] = kind,
                ["name"] = name,
                ["uid"] = uid ?? (kind == "ReplicaSet" ? $"uid-of-{name}" : $"uid-of-{kind}-{name}"),
                ["controller"] = true,
            }
        );
}
