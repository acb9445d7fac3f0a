using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>Steps of a restart that fail: a call that was never made, and reads that are refused for a while.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class FailedStepTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_call_that_a_killed_controller_did_not_make_is_made_for_the_same_pod_during_the_cooldown()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var kill = new KillSwitch(
            (request, body) =>
                Interceptor.IsTo(request, "POST", "/eviction") && !body.Contains("dryRun", StringComparison.Ordinal),
            KillMoment.Before
        );
        var pods = await stage.DeployAsync(3);
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await using (new RunningController(cluster, kill.Handlers))
        {
            await kill.Killed.WaitAsync(TimeSpan.FromSeconds(60), Stage.Cancelled);
        }

        agent.Processes = [];
        await using var next = new RunningController(cluster);
        await stage.RecordAsync(
            r => r.Result == RestartResult.CallFailed,
            "a call that was not repeated in time",
            TimeSpan.FromSeconds(60)
        );
        Assert.False(await stage.IsRemovedAsync(pods[0]));

        agent.Processes = [Workloads.Process(pods[1], 95)];
        await stage.SuppressedAsync("Cooldown");
        agent.Processes = [Workloads.Process(pods[1], 96), Workloads.Process(pods[0], 95)];

        var record = await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        Assert.Equal(pods[0].Metadata.Uid, record.Restart!.Pod.Uid);
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(3);
        agent.Processes = [];
        await stage.RecordAsync(r => r.Result == RestartResult.Helped, "the outcome");
        Assert.False(await stage.IsRemovedAsync(pods[1]));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_tried_again_every_few_seconds_while_its_restart_is_in_progress()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var reads = new ConcurrentQueue<TimeSpan>();
        var refused = new Stopwatch();
        var interceptor = new Interceptor(
            (request, _) =>
            {
                if (
                    !refused.IsRunning
                    || request.Method != HttpMethod.Get
                    || !request.RequestUri!.AbsolutePath.Contains("/forkrestarts/", StringComparison.Ordinal)
                )
                {
                    return Task.FromResult<HttpResponseMessage?>(null);
                }

                reads.Enqueue(refused.Elapsed);
                return Task.FromResult<HttpResponseMessage?>(
                    new HttpResponseMessage(HttpStatusCode.Forbidden)
                    {
                        RequestMessage = request,
                        Content = new StringContent("records may not be read"),
                    }
                );
            }
        );
        await using var controller = new RunningController(cluster, interceptor.Handlers);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        await stage.FinishAsync(pods[0]);
        agent.Processes = [];

        // A pause that doubles without a small limit is longer than the one below by then.
        refused.Start();
        await Condition.HoldsAsync(
            _ => Task.FromResult(refused.Elapsed > TimeSpan.FromSeconds(40)),
            "forty seconds of refusals",
            TimeSpan.FromMinutes(1),
            Stage.Cancelled
        );
        TimeSpan[] times = [TimeSpan.Zero, .. reads, refused.Elapsed];
        refused.Stop();

        Assert.InRange(
            times.Zip(times.Skip(1), (one, next) => next - one).Max(),
            TimeSpan.Zero,
            TimeSpan.FromSeconds(10)
        );
        await stage.RunPodsAsync(2);
        await stage.RecordAsync(r => r.State == RestartState.Proving, "a replacement");
    }
}
