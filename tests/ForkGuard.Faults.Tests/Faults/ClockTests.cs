using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The clocks of the controllers, of the node and of the API server disagree.</summary>
public sealed class ClockTests(FaultCluster cluster) : FaultTests(cluster)
{
    private const int Tries = 12;
    private const int AtOnce = 4;

    [Theory(Explicit = true)]
    [InlineData(10, 0)]
    [InlineData(-10, 0)]
    [InlineData(0, 10)]
    [InlineData(0, -10)]
    [InlineData(10, -10)]
    [InlineData(-10, 10)]
    public async Task Wrong_clocks_cost_no_restart_and_add_none(int controller, int node)
    {
        var row = new FaultRow($"controller {controller:+0;-0;0} min, node {node:+0;-0;0} min");
        var time = new ShiftedTime(TimeSpan.FromMinutes(controller));
        await using var replica = new Replica(Cluster.Plane, Cluster.First, time: time);
        for (var count = 0; count < Extent.Tries(Tries); count += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => TryAsync(row, TimeSpan.FromMinutes(node))));
        }

        row.End();
    }

    [Fact(Explicit = true)]
    public async Task A_successor_with_another_clock_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("controller of +10 min killed, successor of -10 min");
        foreach (var place in Step.Places(new StepPlace("call", IsAfter: true)))
        {
            await using var first = new Replica(
                Cluster.Plane,
                Cluster.First,
                time: new ShiftedTime(TimeSpan.FromMinutes(10))
            );
            await using var story = await Story.BeginAsync(Cluster);
            await using var second = new Replica(
                Cluster.Plane,
                Cluster.First,
                time: new ShiftedTime(TimeSpan.FromMinutes(-10))
            );
            var point = CallPoint.At(
                place,
                call =>
                {
                    call.Instance.Kill();
                    return Task.CompletedTask;
                }
            );
            point.Ended = story.FaultEnds;
            first.Fault = point;
            story.Leak();
            row.Add(await story.EndAsync(OfFault), place.ToString());
        }

        row.End();
    }

    private async Task TryAsync(FaultRow row, TimeSpan node)
    {
        await using var story = await Story.BeginAsync(Cluster);
        story.Agent.Ahead = node;
        story.Leak();
        row.Add(await story.EndAsync(Helped), "without another fault");
    }
}
