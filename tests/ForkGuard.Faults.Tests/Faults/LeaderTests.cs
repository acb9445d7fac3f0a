using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>Two controllers of one installation, or of two.</summary>
public sealed class LeaderTests(FaultCluster cluster) : FaultTests(cluster)
{
    // More than twice the lease: another leader has taken the restart over.
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_leader_that_is_frozen_past_its_lease_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("leader frozen past its lease, then thawed");
        foreach (var place in Step.Places(new StepPlace("call", IsAfter: false)))
        {
            await using var first = new Replica(Cluster.Plane, Cluster.First);
            await using var second = new Replica(Cluster.Plane, Cluster.First);
            var thawed = Task.CompletedTask;
            var point = CallPoint.At(
                place,
                async call =>
                {
                    call.Instance.Freeze();
                    thawed = ThawAsync(call.Instance);
                    await call.Instance.WhileFrozenAsync();
                }
            );
            second.Fault = point;
            await TryAsync(
                row,
                first,
                point,
                OfFault,
                async story =>
                {
                    await thawed;
                    story.FaultEnds();
                },
                place: place.ToString()
            );
        }

        row.End();
    }

    [Fact]
    public async Task Two_installations_restart_a_pod_once()
    {
        var row = new FaultRow("two installations at once");
        await using var first = new Replica(Cluster.Plane, Cluster.First);
        await using var second = new Replica(Cluster.Plane, Cluster.Second);
        for (var count = 0; count < Extent.Tries(20); count++)
        {
            await using var story = await Story.BeginAsync(Cluster);
            story.Leak();
            row.Add(await story.EndAsync(Helped), "without another fault");
        }

        row.End();
    }

    [Fact(Explicit = true)]
    public async Task An_installation_whose_controller_is_killed_leaves_the_restart_to_its_successor()
    {
        var row = new FaultRow("two installations, one killed");
        await using var first = new Replica(Cluster.Plane, Cluster.First);
        await using var second = new Replica(Cluster.Plane, Cluster.Second);
        foreach (var place in Step.Places(new StepPlace("call", IsAfter: false)))
        {
            var point = CallPoint.At(
                place,
                call =>
                {
                    call.Instance.Kill();
                    return Task.CompletedTask;
                }
            );
            second.Fault = point;
            await TryAsync(row, first, point, OfFault, place: place.ToString());
            second.Fault = null;
        }

        row.End();
    }

    private static async Task ThawAsync(Instance instance)
    {
        await Task.Delay(Frozen);
        instance.Thaw();
    }
}
