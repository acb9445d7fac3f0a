using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>What fails in the overcommit mode that a kubelet sets: the pids limit of a pod, and a save that needs more memory than there is.</summary>
[Trait("Needs", "Machine")]
public sealed class ModeOneTests(ModeOneScenes scenes) : IClassFixture<ModeOneScenes>
{
    // More than a scan later.
    private const int HoldSeconds = 6;

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_leaks_zombies_is_warned_of_and_replaced_once_it_cannot_fork()
    {
        VictimPods leaking = LeakingPods.Pods;
        IReadOnlyList<string> before = await leaking.PodsAsync(Cancelled);
        Watch watch = await Watch.ApplyAsync(
            leaking.Namespace,
            Cancelled,
            "Restart",
            holdSeconds: HoldSeconds,
            warnAtPercent: 36
        );
        await Node.SettledAsync(before[0], Cancelled, "Pids");

        await leaking.TellAsync(before[0], "leak 80", "leak 0", Cancelled);
        await IsReportedAsync(before[0], zombies: 80);
        string warned = await watch.DescribedAsync(before[0], "ForkAtRisk", Cancelled);
        Assert.DoesNotContain("ForkImpossible", warned, StringComparison.Ordinal);
        await CheckSaysTheSameAsync(Description.Line(warned, "Warning", "ForkAtRisk", "details: "));
        Assert.Equal("fork 0", await leaking.ForkAsync(before[0], Cancelled));
        Assert.Equal("leak 11 EAGAIN", await leaking.TellAsync(before[0], "leak 200", "leak ", Cancelled));

        await Condition.HoldsAsync(
            async token =>
                await leaking.PodsAsync(token) is { Count: 2 } now
                && !now.Contains(before[0], StringComparer.Ordinal)
                && await leaking.AreReadyAsync(now, token),
            "the replica is replaced",
            Soon,
            Cancelled
        );
        Assert.Contains(before[1], await leaking.PodsAsync(Cancelled), StringComparer.Ordinal);
        JsonNode restart = await watch.ReplacedAsync(Cancelled);
        Assert.Equal(before[0], (string?)restart["pod"]!["name"]);
        string story = await watch.DescribedAsync("ForkRecovered", Cancelled);
        Description.Line(story, "ForkRecovered", $"pod {leaking.Namespace}/{before[0]}");
        Assert.All(
            ["ForkAtRisk", "ForkImpossible", "ForkRefused", "ForkRestart"],
            reason =>
                Description.Line(story, $" {reason} ", $"pod {leaking.Namespace}/{before[0]}", "pids limit of the pod")
        );
    }

    [Fact]
    public async Task A_save_that_is_killed_was_warned_of_before_and_one_with_room_never()
    {
        Watch watch = await Watch.ApplyAsync(SavingServer.Namespace, Cancelled, warnAtPercent: 55);

        Assert.All(await SaveAsync(percent: 47), result => Assert.Equal("ok", result));
        foreach (SavingServer server in scenes.Tight)
        {
            string warned = await watch.DescribedAsync(server.Pod, "ForkSnapshotAtRisk", Cancelled);
            Description.Line(warned, "Warning", "ForkSnapshotAtRisk", "container server", server.Command);
            await watch.DescribedAsync($"pod {SavingServer.Namespace}/{server.Pod}, container server", Cancelled);
        }

        string[] results = await SaveAsync(percent: 100);
        Assert.Equal(["err", "err", "ok", "ok"], results);
        foreach (SavingServer server in scenes.Tight)
        {
            Assert.Contains(
                "Background saving terminated by signal 9",
                await server.LogAsync(Cancelled),
                StringComparison.Ordinal
            );
        }

        foreach (SavingServer server in scenes.Ample)
        {
            JsonNode process = await server.LearnedAsync(Cancelled);
            Assert.Equal("server", (string?)process["container"]!["name"]);
            Assert.Equal(SavingServer.Namespace, (string?)process["pod"]!["namespace"]);
            Assert.DoesNotContain(
                "ForkSnapshotAtRisk",
                await watch.DescribedAsync(server.Pod, "Events:", Cancelled),
                StringComparison.Ordinal
            );
        }
    }

    /// <summary>The command in the event, as a user would paste it, has the advice of the event.</summary>
    private static async Task CheckSaysTheSameAsync(string line)
    {
        string command = line.Split("details: ")[1];
        string check = await Shell.SucceedAsync(["sh", "-c", command], cancellationToken: Cancelled);
        Assert.Contains("what to do, one of:", check, StringComparison.Ordinal);
        Assert.All([line, check], text => Assert.Contains("such as tini", text, StringComparison.Ordinal));
        Assert.All([line, check], text => Assert.Contains("podPidsLimit", text, StringComparison.Ordinal));
    }

    private Task<string[]> SaveAsync(int percent) =>
        Task.WhenAll(scenes.Tight.Concat(scenes.Ample).Select(server => server.SaveAsync(percent, Cancelled)));

    private static async Task IsReportedAsync(string pod, int zombies)
    {
        JsonNode process = await LeakingPods.ReportedAsync(pod, zombies, Cancelled);
        JsonNode pids = Node.BindingOf(process);

        Assert.Equal("server", (string?)process["container"]!["name"]);
        Assert.Equal("CanFork", (string?)process["verdict"]);
        Assert.Equal("Pids", (string?)process["bindingConstraint"]);
        Assert.Equal("Pod", (string?)pids["scope"]);
        Assert.Equal("Exact", (string?)pids["confidence"]);
        Assert.Equal(LeakingPods.Limit, (int)pids["limit"]!);
        Assert.InRange((int)pids["percent"]!, 73, 75);
        Assert.Equal(zombies, (int)pids["zombies"]!);
        Assert.Equal(VictimPods.Command, (string?)pids["zombieParent"]!["command"]);
    }
}
