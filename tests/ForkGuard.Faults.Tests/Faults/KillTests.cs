using System.Security.Cryptography;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The controller is killed as by SIGKILL, and another one starts; the replacement of the pod runs and recovers.</summary>
public sealed class KillTests(FaultCluster cluster) : FaultTests(cluster)
{
    private const int RandomKills = 100;

    // Each story has a kill of its own, and those of the others.
    private const int KillsAtOnce = 4;

    // From the leak to the end of the proof, without a fault.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(7);

    [Fact(Explicit = true)]
    public async Task A_kill_before_any_call_costs_no_restart_and_adds_none()
    {
        await TryEachCallAsync("controller killed before each call", (call, _) => Answers.KillBefore(call), OfFault);
    }

    [Fact]
    public Task A_kill_after_any_call_costs_no_restart_and_adds_none() =>
        TryEachCallAsync("controller killed after each call", (call, _) => Answers.KillAfter(call), OfFault);

    [Fact(Explicit = true)]
    public async Task A_kill_at_any_time_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("controller killed at a random time");
        await using var replica = new Replica(Cluster.Plane, Cluster.First);
        for (var kill = 0; kill < Extent.Tries(RandomKills); kill += KillsAtOnce)
        {
            await Task.WhenAll(Enumerable.Range(0, KillsAtOnce).Select(_ => TryAsync(row, replica)));
        }

        row.End();
    }

    private async Task TryAsync(FaultRow row, Replica replica)
    {
        await using var story = await Story.BeginAsync(Cluster);
        story.Leak();
        var after = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)Longest.TotalMilliseconds));
        await Task.Delay(after, TestContext.Current.CancellationToken);
        replica.Current.Kill();
        story.FaultEnds();
        row.Add(await story.EndAsync(OfFault), $"after {after.TotalMilliseconds} ms");
    }
}
