using System.Security.Cryptography;
using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>
/// Real signals for the real executable, with the times that it has in a cluster. A proof takes ten minutes at least, so a story
/// ends with the replacement.
/// </summary>
public sealed class ProcessTests(FaultCluster cluster) : FaultTests(cluster)
{
    private const int Tries = 16;
    private const int AtOnce = 4;

    // From the leak to the replacement, without a fault.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TakeOver = TimeSpan.FromMinutes(1);

    [Fact(Explicit = true)]
    public async Task A_process_that_is_killed_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("forkguard-controller killed by SIGKILL at a random time");
        await using var process = new ControllerProcess(Cluster.First);
        for (var count = 0; count < Extent.Tries(Tries); count += AtOnce)
        {
            await LeadsAsync(process);
            await TryAsync(
                row,
                () =>
                {
                    process.Kill();
                    return Task.CompletedTask;
                }
            );
        }

        row.End();
    }

    [Fact(Explicit = true)]
    public async Task A_leader_that_is_stopped_past_its_lease_and_goes_on_beside_its_successor_costs_no_restart_and_adds_none()
    {
        var row = new FaultRow("forkguard-controller stopped by SIGSTOP until another one leads, then SIGCONT");
        await using var first = new ControllerProcess(Cluster.First);
        await using var second = new ControllerProcess(Cluster.First);
        for (var count = 0; count < Extent.Tries(Tries); count += AtOnce)
        {
            var leader = await LeadsAsync(first, second);
            var other = leader == first ? second : first;
            await TryAsync(
                row,
                async () =>
                {
                    leader.Freeze();
                    await LeadsAsync(other);
                    leader.Thaw();
                }
            );
        }

        row.End();
    }

    private static async Task<ControllerProcess> LeadsAsync(params IReadOnlyList<ControllerProcess> processes)
    {
        ControllerProcess? leader = null;
        await Poll.HoldsAsync(
            async () =>
            {
                foreach (var process in processes)
                {
                    leader = await process.IsLeadingAsync() ? process : leader;
                }

                return leader is not null;
            },
            "a process that leads",
            TakeOver
        );
        return leader!;
    }

    /// <summary>Several stories at different points of their restarts, and one signal.</summary>
    private async Task TryAsync(FaultRow row, Func<Task> fail)
    {
        var stories = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Story.BeginAsync(Cluster)));
        var places = await Task.WhenAll(stories.Select(LeakAsync));
        await fail();
        foreach (var story in stories)
        {
            story.FaultEnds();
        }

        await Task.WhenAll(
            stories.Select(
                async (story, number) =>
                {
                    await using (story)
                    {
                        row.Add(await story.EndAsync(OfFault), places[number]);
                    }
                }
            )
        );
    }

    private static async Task<string> LeakAsync(Story story)
    {
        story.EndsWithReplacement = true;
        var before = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)Longest.TotalMilliseconds));
        await Task.Delay(Longest - before, TestContext.Current.CancellationToken);
        story.Leak();
        await Task.Delay(before, TestContext.Current.CancellationToken);
        return $"{before.TotalMilliseconds} ms after the leak";
    }
}
