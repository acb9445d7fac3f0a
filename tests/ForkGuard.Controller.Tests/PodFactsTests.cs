using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>What a real pod is, and which gate holds its restart back for it alone.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class PodFactsTests(ControlPlane cluster)
{
    private static readonly Dictionary<string, Action<V1Deployment>> Deployments = new(StringComparer.Ordinal)
    {
        ["OptedOut by the pod"] = deployment =>
            deployment.Spec.Template.Metadata.Annotations = Annotation("forkguard.io/restart"),
        ["OptedOut by the owner"] = deployment => deployment.Metadata.Annotations = Annotation("forkguard.io/restart"),
        ["OptedOut for the autoscaler"] = deployment =>
            deployment.Spec.Template.Metadata.Annotations = Annotation(
                "cluster-autoscaler.kubernetes.io/safe-to-evict"
            ),
        ["LocalStorage"] = deployment =>
            deployment.Spec.Template.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }],
        ["Critical"] = deployment => deployment.Spec.Template.Spec.PriorityClassName = "system-cluster-critical",
        ["MinReadyReplicas"] = deployment => deployment.Spec.Replicas = 1,
    };

    private static readonly Dictionary<string, Action<V1Pod>> Pods = new(StringComparer.Ordinal)
    {
        ["Unmanaged"] = _ => { },
        ["Static"] = pod =>
            pod.Metadata.Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["kubernetes.io/config.mirror"] = "0123",
                ["kubernetes.io/config.hash"] = "0123",
            },
    };

    public static TheoryData<string> OfDeployments() => [.. Deployments.Keys];

    public static TheoryData<string> OfPods() => [.. Pods.Keys];

    [Theory]
    [MemberData(nameof(OfDeployments))]
    public async Task A_workloads_pod_is_held_back(string gate)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pods = await stage.DeployAsync(gate == "MinReadyReplicas" ? 1 : 2, Deployments[gate]);

        await AssertHeldBackAsync(stage, pods[0], gate.Split(' ')[0]);
    }

    [Theory]
    [MemberData(nameof(OfPods))]
    public async Task A_lone_pod_is_held_back(string gate)
    {
        await using var stage = await Stage.CreateAsync(cluster);

        await AssertHeldBackAsync(stage, await stage.AddPodAsync(Workloads.Pod("alone", stage.Node, Pods[gate])), gate);
    }

    [Fact]
    public async Task A_jobs_pod_is_held_back()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await cluster.Admin.BatchV1.CreateNamespacedJobAsync(
            Workloads.Job(stage.Node),
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );
        var pod = (await stage.RunPodsAsync(1))[0];

        await AssertHeldBackAsync(stage, pod, "Job", restart => restart with { MinReadyReplicas = 0 });
    }

    [Fact]
    public async Task A_static_pod_is_known_by_the_hash_that_its_cgroup_carries()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pod = await stage.AddPodAsync(Workloads.Pod("static", stage.Node, Pods["Static"]));
        await stage.WatchAsync();
        var process = Workloads.Process(pod, 75);
        await using var agent = stage.KeepReporting(process with { Pod = process.Pod! with { Uid = "0123" } });

        // By the uid under which `kubectl describe pod` looks for the events of a static pod.
        var told = await stage.EventAsync("0123", "ForkAtRisk");
        Assert.Equal((stage.Namespace, pod.Metadata.Name), (told.Regarding.NamespaceProperty, told.Regarding.Name));
    }

    [Fact]
    public async Task An_annotation_that_was_removed_from_the_Deployment_does_not_hold_its_pods_back()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster);
        var pods = await stage.DeployAsync(
            2,
            deployment => deployment.Metadata.Annotations = Annotation("forkguard.io/restart")
        );
        await Condition.HoldsAsync(
            async _ =>
                (
                    await cluster.Admin.AppsV1.ListNamespacedReplicaSetAsync(
                        stage.Namespace,
                        cancellationToken: Stage.Cancelled
                    )
                ).Items.Any(set => set.Metadata.Annotations.ContainsKey("forkguard.io/restart")),
            "the copy on the ReplicaSet",
            cancellationToken: Stage.Cancelled
        );
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.SuppressedAsync("OptedOut");

        await cluster.KubectlAsync("annotate", "deployment", Stage.App, "-n", stage.Namespace, "forkguard.io/restart-");

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction",
            TimeSpan.FromMinutes(2),
            Stage.Cancelled
        );
    }

    private async Task AssertHeldBackAsync(
        Stage stage,
        V1Pod pod,
        string gate,
        Func<Api.RestartSpec, Api.RestartSpec>? with = null
    )
    {
        await using var controller = new RunningController(cluster);
        await stage.WatchAsync(spec => Workloads.Restarting(spec, with));
        await using var agent = stage.KeepReporting(Workloads.Process(pod, 95));

        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Status: "True" }) == true,
            "a restart held back"
        );

        var suppressed = status.Conditions!.First(c => c.Type == "ActionSuppressed");
        Assert.Equal(gate, suppressed.Reason);
        Assert.DoesNotContain("(also", suppressed.Message, StringComparison.Ordinal);
        Assert.False(await stage.IsRemovedAsync(pod));
        await stage.EventAsync(pod.Metadata.Uid, "ForkRestartSuppressed");
    }

    private static Dictionary<string, string> Annotation(string name) =>
        new(StringComparer.Ordinal) { [name] = "false" };
}
