using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Controller.Tests;

/// <summary>The clocks of the node and of the controller are wrong, and the replacement is recognised all the same.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class ClockTests(ControlPlane cluster)
{
    [Theory]
    [InlineData(-10, 10)]
    [InlineData(10, -10)]
    public async Task A_restart_helps_although_the_clocks_of_node_and_controller_are_apart(int node, int controllers)
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));
        agent.With = status => Shifted(status, TimeSpan.FromMinutes(node));
        await using (Controller(controllers))
        {
            await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
        }

        // The successor has another clock, and finds a replacement that was Ready before it led.
        await stage.FinishAsync(pods[0]);
        await stage.RunPodsAsync(2);
        agent.Processes = [];
        await using var successor = Controller(-controllers);

        var record = await stage.RecordAsync(
            r => r.State == RestartState.Idle,
            "the end of the restart",
            TimeSpan.FromSeconds(60)
        );
        Assert.Equal("Helped", record.Result?.Text);
    }

    /// <summary>Only the Lease is asked for all the time.</summary>
    [Fact]
    public async Task The_answers_about_the_Lease_bring_the_time()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        await using var controller = new RunningController(cluster, () => [new WithoutDate("/leases/")]);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        await stage.RecordAsync(r => r.State == RestartState.Replacing, "the eviction");
    }

    private RunningController Controller(int minutes) =>
        new(cluster, time: new ShiftedTime(TimeSpan.FromMinutes(minutes)));

    private static NodeForkReportStatus Shifted(NodeForkReportStatus status, TimeSpan ahead) =>
        status with
        {
            ObservedTime = status.ObservedTime + ahead,
            Processes =
            [
                .. (status.Processes ?? []).Select(process =>
                    process with
                    {
                        MeasuredTime = process.MeasuredTime + ahead,
                    }
                ),
            ],
        };

    /// <summary>Takes the date from every answer but those about one collection.</summary>
    private sealed class WithoutDate(string collection) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.AbsolutePath.Contains(collection, StringComparison.Ordinal))
            {
                answer.Headers.Date = null;
            }

            return answer;
        }
    }
}
