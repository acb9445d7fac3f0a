using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>What is restarted, and what is not.</summary>
[Trait("Needs", "Machine")]
public sealed class RestartTests
{
    // More than a scan later, and less than two.
    private const int HoldSeconds = 25;

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_replica_that_cannot_fork_is_replaced_and_the_other_stays()
    {
        VictimPods victims = SettlingVictims.Of(SettlingVictims.Replaced);
        IReadOnlyList<string> before = await victims.PodsAsync(Cancelled);
        Watch watch = await Watch.ApplyAsync(
            victims.Namespace,
            Cancelled,
            "Restart",
            holdSeconds: HoldSeconds,
            warnAtPercent: SettlingVictims.WarnAtPercent
        );
        await SettlingVictims.OutgrowAsync(victims, before[0], Cancelled);
        DateTimeOffset grown = await victims.GrownTimeAsync(before[0], Cancelled);
        Assert.Equal("fork 12 ENOMEM", await victims.ForkAsync(before[0], Cancelled));
        // A refusal is announced at once; the restart waits for the hold.
        await watch.SaysAsync("AtRisk", "True", "ForkImpossible", Cancelled);

        await Condition.HoldsAsync(
            async token =>
                await victims.PodsAsync(token) is { Count: 2 } now
                && !now.Contains(before[0], StringComparer.Ordinal)
                && await victims.AreReadyAsync(now, token),
            "the replica is replaced",
            Soon,
            Cancelled
        );

        IReadOnlyList<string> after = await victims.PodsAsync(Cancelled);
        Assert.Contains(before[1], after, StringComparer.Ordinal);
        Assert.All(
            await Task.WhenAll(after.Select(pod => victims.ForkAsync(pod, Cancelled))),
            answer => Assert.Equal("fork 0", answer)
        );
        await TellsTheStoryAsync(watch, victims.Namespace, before[0], grown);
    }

    [Fact]
    public async Task A_single_replica_stays()
    {
        VictimPods victims = SettlingVictims.Of(SettlingVictims.Single);
        IReadOnlyList<string> before = await victims.PodsAsync(Cancelled);
        Watch watch = await Watch.ApplyAsync(
            victims.Namespace,
            Cancelled,
            "Restart",
            warnAtPercent: SettlingVictims.WarnAtPercent
        );
        await SettlingVictims.OutgrowAsync(victims, before[0], Cancelled);

        await watch.SuppressedAsync("MinReadyReplicas", Cancelled);

        Assert.Equal(before, await victims.PodsAsync(Cancelled));
    }

    [Fact]
    public async Task A_disruption_budget_is_kept()
    {
        VictimPods victims = SettlingVictims.Of(SettlingVictims.Budget);
        IReadOnlyList<string> before = await victims.PodsAsync(Cancelled);
        await Installation.ApplyAsync(
            $$"""
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: {name: all, namespace: {{victims.Namespace}}}
            spec:
              minAvailable: 2
              selector:
                matchLabels: {app: {{VictimPods.Name}}}
            """,
            Cancelled
        );
        await Condition.HoldsAsync(
            async token =>
                (int?)
                    (await Installation.FindAsync(victims.Namespace, "poddisruptionbudget", "all", token))
                        ?["status"]
                        ?["currentHealthy"] == 2,
            "the disruption budget knows its pods",
            Soon,
            Cancelled
        );
        Watch watch = await Watch.ApplyAsync(
            victims.Namespace,
            Cancelled,
            "Restart",
            warnAtPercent: SettlingVictims.WarnAtPercent
        );
        await SettlingVictims.OutgrowAsync(victims, before[0], Cancelled);

        await watch.SuppressedAsync("DisruptionBudget", Cancelled);

        Assert.Equal(before, await victims.PodsAsync(Cancelled));
    }

    private static async Task TellsTheStoryAsync(Watch watch, string ns, string pod, DateTimeOffset grown)
    {
        string description = await watch.DescribedAsync("ForkRecovered", Cancelled);
        JsonNode restart = await watch.ReplacedAsync(Cancelled);

        Assert.Equal(pod, (string)restart["pod"]!["name"]!);
        Assert.Equal("Evict", (string)restart["method"]!);
        Assert.True(
            DateTimeOffset.Parse((string)restart["decidedTime"]!, CultureInfo.InvariantCulture)
                >= grown + TimeSpan.FromSeconds(HoldSeconds),
            $"the restart at {restart["decidedTime"]} came before the hold was over; the victim had grown at {grown:O}"
        );
        JsonNode record = Assert.Single(await Installation.ListAsync(ns, "forkrestarts", Cancelled));
        Assert.Equal("Deployment/redis", $"{record["spec"]!["owner"]!["kind"]}/{record["spec"]!["owner"]!["name"]}");
        string story = await Description.HasAsync(
            "forkrestart",
            (string)record["metadata"]!["name"]!,
            pod,
            Cancelled,
            ns
        );
        Assert.Contains("must stay below", story, StringComparison.Ordinal);
        Assert.All(
            ["ForkImpossible", "ForkRestart", "ForkRecovered"],
            reason => Description.Line(description, $" {reason} ", $"pod {ns}/{pod}")
        );
        Assert.Equal(
            ["Deployment/redis", "ForkWatch/redis", $"Pod/{pod}"],
            await RestartEventsAsync(ns),
            StringComparer.Ordinal
        );
    }

    /// <summary>The kinds and names of what the events of restarts are about.</summary>
    private static async Task<IEnumerable<string>> RestartEventsAsync(string ns) =>
        (await Installation.ListAsync(ns, "events", Cancelled))
            .Where(told => string.Equals((string?)told["reason"], "ForkRestart", StringComparison.Ordinal))
            .Select(told => told["involvedObject"]!)
            .Select(about => $"{about["kind"]}/{about["name"]}")
            .Order(StringComparer.Ordinal);
}
