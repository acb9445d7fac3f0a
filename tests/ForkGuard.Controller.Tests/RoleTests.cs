using ForkGuard.Api;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>The roles in config/rbac are what the controller uses, to the verb.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class RoleTests(ControlPlane cluster)
{
    private const string Account = "forkguard-controller";

    private static readonly AccessRight[] OnlyReadHere =
    [
        new("apps", "statefulsets", "get"),
        new("apps", "daemonsets", "get"),
        new("forkguard.io", "forkwatches", "get"),
    ];

    // A record is removed a week after its last restart.
    private static readonly AccessRight[] Later = [new("forkguard.io", "forkrestarts", "delete")];

    private static readonly RestartOptions Roomy = RunningController.Quick with { Budget = new(10, 10, 10) };

    private static string RoleFile(string name) => Path.Combine(RepositoryPaths.Root, "config", "rbac", name);

    [Fact]
    public async Task Every_verb_of_the_controllers_roles_is_used_and_no_other_is_asked_for()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var kubeconfig = await GrantAsync(stage, "controller.yaml");
        var requests = new RequestLog();
        var pods = await stage.DeployAsync();
        await RunWholeStoryAsync(stage, kubeconfig, requests, pods);
        await TryOwnersAsync(stage, kubeconfig, requests);

        Assert.DoesNotContain(requests.Requests, request => request.Status == 403);
        Assert.Equal(
            Sorted(AccessRight.GrantedBy(await File.ReadAllTextAsync(RoleFile("controller.yaml"), Stage.Cancelled))),
            Sorted(requests.Requests.Select(AccessRight.NeededFor).OfType<AccessRight>().Concat(Later))
        );
    }

    [Fact]
    public async Task Deleting_takes_the_one_verb_of_its_own_role()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var kubeconfig = await GrantAsync(stage, "controller.yaml");
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, restart => restart with { Method = RestartMethod.Delete })
        );
        await using var controller = new RunningController(
            cluster,
            kubeconfig: kubeconfig,
            leaseNamespace: stage.Namespace
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var status = await stage.StatusAsync(
            s => s.Conditions?.Any(c => c is { Type: "ActionSuppressed", Reason: "Refused" }) == true,
            "a refusal"
        );
        Assert.Contains(
            "cannot delete resource",
            status.Conditions!.First(c => c.Type == "ActionSuppressed").Message,
            StringComparison.Ordinal
        );

        await ApplyAsync(stage, "controller-delete.yaml");
        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the deletion",
            TimeSpan.FromSeconds(60),
            Stage.Cancelled
        );
    }

    /// <summary>Warns, evicts for a ClusterForkWatch, reports a silent agent twice, and changes the leader in between.</summary>
    private async Task RunWholeStoryAsync(
        Stage stage,
        string kubeconfig,
        RequestLog requests,
        IReadOnlyList<k8s.Models.V1Pod> pods
    )
    {
        await stage.ClusterWatchAsync(
            new ClusterForkWatchSpec
            {
                Selector = Workloads.Spec().Selector,
                HostProcesses = new HostProcessSelector(),
                HoldSeconds = 0,
                Action = WatchAction.Restart,
            }
        );
        for (var run = 0; run < 2; run++)
        {
            await using var controller = new RunningController(
                cluster,
                requests.Handlers,
                kubeconfig,
                Roomy,
                TimeSpan.FromSeconds(2),
                leaseNamespace: stage.Namespace
            );
            await using (stage.KeepReporting(Workloads.Process(pods[0], 95)))
            {
                await Condition.HoldsAsync(
                    _ => stage.IsRemovedAsync(pods[0]),
                    "the eviction",
                    cancellationToken: Stage.Cancelled
                );
            }

            await stage.ReportAsync();
            await Condition.HoldsAsync(
                async _ =>
                    (await stage.EventsAsync(stage.Node, "ForkAgentDegraded")).Any(e =>
                        run == 0 || e.Series is not null
                    ),
                "the node told as silent, and in the second run once more",
                cancellationToken: Stage.Cancelled
            );
        }
    }

    /// <summary>Restarts a pod of a StatefulSet and one of a DaemonSet for a ForkWatch: their owners are read for opt-outs.</summary>
    private async Task TryOwnersAsync(Stage stage, string kubeconfig, RequestLog requests)
    {
        var others = (await stage.LivePodsAsync()).Select(pod => pod.Metadata.Uid).ToList();
        await stage.DeployOtherKindsAsync();
        var pods = (await stage.RunPodsAsync(others.Count + 2)).Where(pod => !others.Contains(pod.Metadata.Uid));
        await stage.WatchAsync(
            spec => Workloads.Restarting(spec, restart => restart with { MinReadyReplicas = 0, MaxConcurrent = 10 }),
            "single"
        );
        await using var controller = new RunningController(
            cluster,
            requests.Handlers,
            kubeconfig,
            Roomy,
            leaseNamespace: stage.Namespace
        );
        await using var agent = stage.KeepReporting([.. pods.Select(pod => Workloads.Process(pod, 97))]);
        await Condition.HoldsAsync(
            () =>
                OnlyReadHere.All(right =>
                    requests.Requests.Select(AccessRight.NeededFor).Any(needed => needed == right)
                ),
            "reads of the watch and of both owners",
            Stage.Cancelled
        );
    }

    private async Task<string> GrantAsync(Stage stage, string file)
    {
        await stage.Cluster.KubectlAsync("create", "serviceaccount", Account, "-n", stage.Namespace);
        await ApplyAsync(stage, file);
        return await cluster.KubeconfigForAsync(stage.Namespace, Account);
    }

    private async Task ApplyAsync(Stage stage, string file)
    {
        await SucceedAsync("apply", "-n", stage.Namespace, "-f", RoleFile(file));
        var subject = $"--serviceaccount={stage.Namespace}:{Account}";
        var role = Path.GetFileNameWithoutExtension(file) == "controller" ? Account : $"{Account}-delete";
        await SucceedAsync(
            "create",
            "clusterrolebinding",
            $"{role}-{stage.Namespace}",
            $"--clusterrole={role}",
            subject
        );
        if (role == Account)
        {
            await SucceedAsync("create", "rolebinding", role, "-n", stage.Namespace, $"--role={role}", subject);
        }
    }

    private async Task SucceedAsync(params string[] arguments)
    {
        var answer = await cluster.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<AccessRight> rights) =>
        [.. rights.Select(right => right.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
