using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s.Models;

namespace ForkGuard.Controller.Tests;

/// <summary>Restarts that must not be: a changed watch, a stale cache, a pod that has recovered, an owner that cannot be read.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class RestartSafetyTests(ControlPlane cluster)
{
    private static readonly RestartWindow Never = new()
    {
        Start = $"{TimeProvider.System.GetUtcNow().AddHours(6):HH:mm}",
        End = $"{TimeProvider.System.GetUtcNow().AddHours(7):HH:mm}",
    };

    [Fact]
    public async Task A_changed_spec_does_not_act_by_what_the_old_one_wanted()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec, restart => restart with { Windows = [Never] }));
        await using (stage.KeepReporting(Workloads.Process(pods[0], 95)))
        {
            await stage.SuppressedAsync("OutsideWindow");
        }

        // No report comes after the change: only the old evaluation could act.
        await PatchAsync(stage, """{"spec":{"action":"Event","restart":null}}""");
        await stage.StatusAsync(
            s =>
                s.ObservedGeneration == 2 && s.Conditions!.Any(c => c is { Type: "ActionSuppressed", Status: "False" }),
            "the new spec in force"
        );

        Assert.Empty(requests.Bodies("POST", "/eviction"));
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_reading_that_grew_old_restarts_nothing_although_the_watch_is_new()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var requests = new RequestLog();
        await using var controller = new RunningController(cluster, requests.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec, restart => restart with { Windows = [Never] }));
        await stage.ReportAsync([]);
        await stage.ReportAsync(Workloads.Process(pods[0], 95));
        await stage.SuppressedAsync("OutsideWindow");

        // Three scans are 45 s. The changed watch is evaluated by the last report, which does not make it younger.
        await stage.SuppressedAsync("StaleReading", within: TimeSpan.FromMinutes(3));
        await PatchAsync(stage, """{"spec":{"restart":{"windows":null}}}""");
        await stage.StatusAsync(
            s =>
                s.ObservedGeneration == 2
                && s.Conditions!.Any(c => c is { Type: "ActionSuppressed", Reason: "StaleReading" }),
            "the reading too old for the changed watch as well",
            within: TimeSpan.FromMinutes(2)
        );

        Assert.All(
            requests.Bodies("POST", "/eviction"),
            body => Assert.Contains("dryRun", body, StringComparison.Ordinal)
        );
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task A_watch_that_was_paused_while_the_cache_lags_restarts_nothing()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var paused = 0;
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                if (Interceptor.IsTo(request, "GET", "/forkwatches/redis") && Interlocked.Exchange(ref paused, 1) == 0)
                {
                    await PatchAsync(stage, """{"spec":{"paused":true}}""");
                }

                return null;
            }
        );
        var requests = new RequestLog();
        await using var controller = new RunningController(
            cluster,
            () => [.. interceptor.Handlers(), .. requests.Handlers()]
        );
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("Paused");

        Assert.Equal(1, paused);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pod_whose_labels_or_namespace_changed_while_the_cache_lags_stays(bool isNamespace)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        IReadOnlyList<V1Pod> pods = [];
        var changed = 0;
        var caches = new LaggingCaches();
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                if (
                    pods.Count > 0
                    && Interceptor.IsTo(request, "GET", $"/pods/{pods[0].Metadata.Name}")
                    && Interlocked.Exchange(ref changed, 1) == 0
                )
                {
                    caches.Lag();
                    await LabelAsync(stage, isNamespace, pods[0], "tier=none");
                }

                return null;
            }
        );
        var requests = new RequestLog();
        await using var controller = new RunningController(
            cluster,
            () => [.. interceptor.Handlers(), .. requests.Handlers(), .. caches.Handlers()]
        );
        var deployed = await stage.DeployAsync();
        await LabelAsync(stage, isNamespace, deployed[0], "tier=cache");
        var selector = new LabelSelector
        {
            MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["tier"] = "cache" },
        };
        if (isNamespace)
        {
            await stage.ClusterWatchAsync(
                new ClusterForkWatchSpec
                {
                    Selector = Workloads.Spec().Selector,
                    NamespaceSelector = selector,
                    ActAtPercent = 90,
                    HoldSeconds = 0,
                    Action = WatchAction.Restart,
                }
            );
        }
        else
        {
            await stage.WatchAsync(spec => Workloads.Restarting(spec) with { Selector = selector });
        }

        pods = deployed;
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var suppressed = await stage.EventAsync(pods[0].Metadata.Uid, "ForkRestartSuppressed");

        Assert.Contains("does not select the pod any more", suppressed.Note, StringComparison.Ordinal);
        Assert.Equal(1, changed);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
    }

    [Fact]
    public async Task A_pod_that_recovered_while_its_restart_waited_for_another_one_stays()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        IReadOnlyList<V1Pod> pods = [];
        var reached = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                if (pods.Count > 0 && Interceptor.IsTo(request, "GET", $"/pods/{pods[0].Metadata.Name}"))
                {
                    reached.TrySetResult();
                    await released.Task.WaitAsync(TimeSpan.FromMinutes(1));
                }

                return null;
            }
        );
        var requests = new RequestLog();
        var roomy = RunningController.Quick with { Budget = new(10, 10, 10) };
        await using var controller = new RunningController(
            cluster,
            () => [.. interceptor.Handlers(), .. requests.Handlers()],
            restarts: roomy
        );
        var first = await stage.DeployAsync();
        await stage.DeployOtherKindsAsync();
        var second = (await stage.RunPodsAsync(4)).First(pod =>
            pod.Metadata.Name.StartsWith("redis-set", StringComparison.Ordinal)
        );
        pods = [first[0], second];
        await stage.WatchAsync(spec => spec, "watching");
        await stage.WatchAsync(spec =>
            Workloads.Restarting(spec, restart => restart with { MinReadyReplicas = 0, MaxConcurrent = 5 })
        );
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 99), Workloads.Process(second, 95));
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Stage.Cancelled);

        agent.Processes = [Workloads.Process(pods[0], 97), Workloads.Process(second, 10)];
        await stage.StatusAsync(s => s.WorstPercent == 97, "the report of the recovery", "watching");
        released.SetResult();

        await Condition.HoldsAsync(
            _ => stage.IsRemovedAsync(pods[0]),
            "the eviction that was first",
            cancellationToken: Stage.Cancelled
        );
        await stage.StatusAsync(s => s.WorstPercent == 97, "the end of the round");
        Assert.DoesNotContain(
            requests.Requests,
            request => request.Uri.AbsolutePath.EndsWith($"/{second.Metadata.Name}/eviction", StringComparison.Ordinal)
        );
        Assert.False(await stage.IsRemovedAsync(second));
    }

    [Fact]
    public async Task An_owner_that_may_not_be_read_holds_the_restart_back()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var interceptor = new Interceptor(
            (request, _) =>
                Task.FromResult(
                    Interceptor.IsTo(request, "GET", $"/deployments/{Stage.App}")
                        ? new HttpResponseMessage(HttpStatusCode.Forbidden)
                        {
                            RequestMessage = request,
                            Content = new StringContent("deployments may not be read"),
                        }
                        : null
                )
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var message = await stage.SuppressedAsync("Refused");

        Assert.Contains("deployments may not be read", message, StringComparison.Ordinal);
        Assert.Empty(await stage.RecordsAsync());
        Assert.False(await stage.IsRemovedAsync(pods[0]));
    }

    [Fact]
    public async Task Siblings_are_read_live_so_that_the_last_Ready_replica_stays()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        IReadOnlyList<V1Pod> pods = [];
        var broken = 0;
        var interceptor = new Interceptor(
            async (request, _) =>
            {
                var isLive =
                    Interceptor.IsTo(request, "GET", "/pods")
                    && request.RequestUri!.Query.Contains("labelSelector=app", StringComparison.Ordinal);
                if (isLive && Interlocked.Exchange(ref broken, 1) == 0)
                {
                    await stage.SetReadyAsync(pods[1], isReady: false);
                }

                return null;
            }
        );
        var requests = new RequestLog();
        await using var controller = new RunningController(
            cluster,
            () => [.. interceptor.Handlers(), .. requests.Handlers()]
        );
        pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.SuppressedAsync("MinReadyReplicas");

        Assert.Equal(1, broken);
        Assert.Empty(requests.Bodies("POST", "/eviction"));
    }

    private Task<CommandAnswer> PatchAsync(Stage stage, string patch) =>
        cluster.KubectlAsync("patch", "forkwatch", Stage.App, "-n", stage.Namespace, "--type=merge", "--patch", patch);

    private Task<CommandAnswer> LabelAsync(Stage stage, bool isNamespace, V1Pod pod, string label) =>
        isNamespace
            ? cluster.KubectlAsync("label", "--overwrite", "namespace", stage.Namespace, label)
            : cluster.KubectlAsync("label", "--overwrite", "pod", pod.Metadata.Name, "-n", stage.Namespace, label);
}
