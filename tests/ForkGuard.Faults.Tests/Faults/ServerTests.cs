using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The API server or etcd fails at a step of a restart, and comes back.</summary>
public sealed class ServerTests(FaultCluster cluster) : FaultTests(cluster)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(3);

    // Longer than a call, and than the lease.
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(12);

    [Fact]
    public Task A_killed_API_server_costs_no_restart_and_adds_none() =>
        TryEachStepAsync(
            "API server killed, 3 s away",
            Cluster.Plane.StopApiServerAsync,
            async () =>
            {
                await Task.Delay(Away);
                await Cluster.Plane.StartApiServerAsync();
            }
        );

    [Fact(Explicit = true)]
    public async Task A_frozen_API_server_costs_no_restart_and_adds_none()
    {
        await TryEachStepAsync(
            "API server stopped by SIGSTOP for 12 s",
            () =>
            {
                Cluster.Plane.FreezeApiServer();
                return Task.CompletedTask;
            },
            async () =>
            {
                await Task.Delay(Frozen);
                Cluster.Plane.ThawApiServer();
            }
        );
    }

    [Fact(Explicit = true)]
    public async Task A_restart_of_etcd_costs_no_restart_and_adds_none()
    {
        await TryEachStepAsync("etcd killed and started", Cluster.Plane.RestartEtcdAsync, () => Task.CompletedTask);
    }

    private async Task TryEachStepAsync(string name, Func<Task> fail, Func<Task> recover)
    {
        var row = new FaultRow(name);
        await using var replica = new Replica(Cluster.Plane, Cluster.First);
        foreach (var place in Step.Places(new StepPlace("call", IsAfter: true)))
        {
            var recovered = Task.CompletedTask;
            var point = CallPoint.At(
                place,
                async _ =>
                {
                    await fail();
                    recovered = recover();
                }
            );
            await TryAsync(
                row,
                replica,
                point,
                OfFault,
                async story =>
                {
                    await recovered;
                    story.FaultEnds();
                },
                place: place.ToString()
            );
        }

        row.End();
    }
}
