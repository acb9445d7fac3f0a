using ForkGuard.EndToEnd.Tests.Cluster;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>Whoever describes a pod reads whether it can fork.</summary>
[Trait("Needs", "Machine")]
public sealed class WarningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_cannot_fork_is_described_as_that_and_left_alone()
    {
        VictimPods victims = await VictimPods.StartAsync("impossible", VictimPods.TooManyPages, Cancelled, replicas: 2);
        IReadOnlyList<string> pods = await victims.PodsAsync(Cancelled);
        string pod = pods[0];
        Watch watch = await Watch.ApplyAsync(victims.Namespace, Cancelled);

        string description = await watch.DescribedAsync(pod, "ForkImpossible", Cancelled);

        Assert.Contains(VictimPods.Command, description, StringComparison.Ordinal);
        Assert.Equal("fork 12 ENOMEM", await victims.ForkAsync(pod, Cancelled));
        await Node.NextReportAsync(Cancelled);
        await watch.SaysAsync("AtRisk", "True", "ForkImpossible", Cancelled);
        Assert.Equal(pods, await victims.PodsAsync(Cancelled));
        Assert.DoesNotContain(
            "ForkRestart",
            (await Installation.ListAsync(victims.Namespace, "events", Cancelled)).Select(e => (string)e["reason"]!),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task A_growing_pod_is_warned_of_in_time_and_its_recovery_is_told()
    {
        VictimPods victims = await VictimPods.StartAsync("growing", VictimPods.PagesOf(50), Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));
        // The agent writes every scan from 5 points below.
        Watch watch = await Watch.ApplyAsync(victims.Namespace, Cancelled, warnAtPercent: 54);
        await Node.SettledAsync(pod, Cancelled);

        await victims.GrowAsync(pod, VictimPods.PagesOf(30), Cancelled);
        await watch.DescribedAsync(pod, "ForkAtRisk", Cancelled);
        Assert.Equal("fork 0", await victims.ForkAsync(pod, Cancelled));
        await victims.TellAsync(pod, "free", "free 0", Cancelled);

        string description = await watch.DescribedAsync(pod, "ForkRecovered", Cancelled);
        Assert.DoesNotContain("ForkImpossible", description, StringComparison.Ordinal);
    }
}
