using System.Diagnostics.Metrics;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>Three failed restarts in the cluster stop all others.</summary>
[Collection(Stages.OfRestarts)]
[Trait("Needs", "Machine")]
public sealed class CircuitBreakerTests(ControlPlane cluster)
{
    [Fact]
    public async Task The_third_failed_restart_is_an_event_a_metric_and_the_reason_of_every_no()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var slow = RunningController.Quick with
        {
            Times = RunningController.Quick.Times with { MinProof = TimeSpan.FromMinutes(2) },
        };
        await using var controller = new RunningController(cluster, restarts: slow);
        await FailBeforeAsync(stage, "first");
        await FailBeforeAsync(stage, "second");
        var pods = await stage.DeployAsync();
        var watch = await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        await Condition.HoldsAsync(
            async _ => (await OwnAsync(stage))?.State == RestartState.Replacing,
            "the eviction",
            cancellationToken: Stage.Cancelled
        );
        await stage.FinishAsync(pods[0]);
        var next = (await stage.RunPodsAsync(2)).First(pod => pod.Metadata.Uid != pods[1].Metadata.Uid);
        agent.Processes = [];
        await Condition.HoldsAsync(
            async _ => (await OwnAsync(stage))?.State == RestartState.Proving,
            "a replacement",
            cancellationToken: Stage.Cancelled
        );
        Assert.Equal(0, Open(controller));

        agent.Processes = [Workloads.Process(next, 96)];

        var stopped = await stage.EventAsync(watch.Metadata!.Uid!, "ForkRestartsStopped", TimeSpan.FromSeconds(90));
        Assert.Contains("3 restarts in the cluster failed within an hour", stopped.Note, StringComparison.Ordinal);
        await stage.SuppressedAsync("CircuitOpen");
        Assert.Equal(1, Open(controller));
    }

    private static async Task<ForkRestartStatus?> OwnAsync(Stage stage) =>
        (await stage.RecordsAsync()).FirstOrDefault(record => record.Spec.Owner.Name == Stage.App)?.Status;

    private static int Open(RunningController controller)
    {
        var value = -1;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "forkguard.restarts.circuit_open" && controller.Telemetry.Owns(instrument))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, measured, _, _) => value = measured);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }

    /// <summary>A record of another workload whose restart failed just now.</summary>
    private Task FailBeforeAsync(Stage stage, string owner)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Resources.CreateRecordAsync(
            cluster,
            stage.Namespace,
            new RestartOwner
            {
                ApiVersion = "apps/v1",
                Kind = "ReplicaSet",
                Name = owner,
            },
            new ForkRestartStatus
            {
                State = RestartState.Idle,
                History =
                [
                    new PastRestart
                    {
                        Pod = new PodReference { Namespace = stage.Namespace, Name = owner + "-0" },
                        Watch = "ForkWatch shop/other",
                        Method = RestartMethod.Evict,
                        DecidedTime = now.AddMinutes(-2),
                        EndedTime = now.AddMinutes(-1),
                        Result = RestartResult.DidNotHelp,
                        Message = "reached 95 % again",
                    },
                ],
            }
        );
    }
}
