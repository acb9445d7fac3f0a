using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The streams of the controller's caches break off, or deliver nothing for a while without an error.</summary>
public sealed class StreamTests(FaultCluster cluster) : FaultTests(cluster)
{
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(8);

    [Fact(Explicit = true)]
    public async Task Streams_that_are_cut_cost_no_restart_and_add_none()
    {
        await TryEachStepAsync(
            "streams cut",
            streams =>
            {
                streams.Cut();
                return Task.CompletedTask;
            }
        );
    }

    [Fact(Explicit = true)]
    public async Task Streams_that_stall_cost_no_restart_and_add_none()
    {
        await TryEachStepAsync(
            "streams stalled for 8 s",
            async streams =>
            {
                streams.Stall();
                await Task.Delay(Stalled);
                streams.GoOn();
            }
        );
    }

    [Fact(Explicit = true)]
    public async Task While_streams_stall_a_watch_that_was_paused_restarts_nothing()
    {
        var row = new FaultRow("streams stalled while the watch is paused");
        for (var count = 0; count < Extent.Tries(10); count++)
        {
            var streams = new Streams();
            await using var replica = new Replica(Cluster.Plane, Cluster.First, fault: streams);
            await using var story = await Story.BeginAsync(Cluster);
            // The decision is held at its first call, with an evaluation that is outdated when it goes on.
            var point = CallPoint.At(
                new StepPlace("trial", IsAfter: false),
                async _ =>
                {
                    streams.Stall();
                    await story.PauseAsync();
                    story.Allowed.Forbid("paused while the streams were stalled");
                }
            );
            streams.Others = point;
            story.Leak();
            await point.Met.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await Task.Delay(Stalled, TestContext.Current.CancellationToken);
            await story.AtRestAsync();
            streams.GoOn();
            story.FaultEnds();
            story.Allowed.Allow();
            await story.GoOnAsync();
            row.Add(await story.EndAsync(Helped), "at the trial");
        }

        row.End();
    }

    private async Task TryEachStepAsync(string name, Func<Streams, Task> fail)
    {
        var row = new FaultRow(name);
        var streams = new Streams();
        await using var replica = new Replica(Cluster.Plane, Cluster.First, fault: streams);
        foreach (var place in Step.Places(new StepPlace("call", IsAfter: false)))
        {
            await using var story = await Story.BeginAsync(Cluster);
            var failing = Task.CompletedTask;
            var point = CallPoint.At(
                place,
                _ =>
                {
                    failing = fail(streams);
                    return Task.CompletedTask;
                }
            );
            streams.Others = point;
            story.Leak();
            await point.Met.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await failing;
            story.FaultEnds();
            row.Add(await story.EndAsync(OfFault), place.ToString());
        }

        row.End();
    }
}
