using ForkGuard.Controller.Hosting;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;
using k8s;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>Two controllers of one installation, or of two.</summary>
public sealed class LeaderTests(FaultCluster cluster) : FaultTests(cluster)
{
    // After the take-over, so that the other leader is in the middle of the restart.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TakeOver = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_leader_that_is_frozen_past_its_lease_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("leader frozen until another one leads, then thawed");
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

    private async Task ThawAsync(Instance instance)
    {
        try
        {
            var before = await HolderAsync();
            await Poll.HoldsAsync(
                async () => await HolderAsync() is { Length: > 0 } now && now != before,
                "another leader",
                TakeOver
            );
            await Task.Delay(Together);
        }
        finally
        {
            instance.Thaw();
        }
    }

    private async Task<string?> HolderAsync() =>
        (
            await Cluster.Plane.Admin.CoordinationV1.ReadNamespacedLeaseAsync(
                ControllerOptions.LeaseName,
                Cluster.First.Namespace
            )
        )
            .Spec
            .HolderIdentity;
}
