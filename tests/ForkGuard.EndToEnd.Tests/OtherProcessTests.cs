using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>Processes that no controller of Kubernetes started: they are told of, and never restarted.</summary>
[Trait("Needs", "Machine")]
public sealed class OtherProcessTests
{
    private const string Daemon = "backup-daemon";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_of_the_host_is_told_of_on_its_node()
    {
        await using HostVictim victim = await HostVictim.StartAsync(Daemon, VictimPods.TooManyPages, Cancelled);
        Assert.Equal("fork 12 ENOMEM", await victim.ForkAsync(Cancelled));
        await Installation.ApplyAsync(
            $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: ClusterForkWatch
            metadata: {name: host}
            spec:
              hostProcesses: {commands: [{{Daemon}}]}
              holdSeconds: 0
            """,
            Cancelled
        );

        string ofNode = await Description.HasAsync("node", Node.Name, Daemon, Cancelled);

        Description.Line(ofNode, "Warning", "ForkImpossible", Daemon, $"on {Node.Name}");
        await Description.HasAsync("clusterforkwatch", "host", "ForkImpossible", Cancelled);
        JsonNode process = await Node.ProcessAsync(
            process => string.Equals((string?)process["command"], Daemon, StringComparison.Ordinal),
            $"of {Daemon}",
            Cancelled
        );
        Assert.Null(process["pod"]);
        Assert.Equal("CannotFork", (string)process["verdict"]!);
        await Shell.SucceedAsync(["kubectl", "delete", "clusterforkwatch", "host"], cancellationToken: Cancelled);
    }

    [Fact]
    public async Task An_event_names_a_static_pod_that_is_never_restarted()
    {
        await using StaticVictim victim = await StaticVictim.StartAsync(SettlingVictims.Pages, Cancelled);
        JsonNode? before = await StaticVictim.ContainerAsync(Cancelled);
        Watch watch = await Watch.ApplyAsync(
            StaticVictim.Namespace,
            Cancelled,
            "Restart",
            "{minReadyReplicas: 0}",
            warnAtPercent: SettlingVictims.WarnAtPercent
        );
        await SettlingVictims.OutgrowAsync(VictimPods.Of(StaticVictim.Namespace), StaticVictim.Pod, Cancelled);

        await watch.SuppressedAsync("Static", Cancelled);
        await watch.DescribedAsync(StaticVictim.Pod, "ForkImpossible", Cancelled);
        string description = await watch.DescribedAsync(StaticVictim.Pod, "ForkRestartSuppressed", Cancelled);

        Description.Line(description, "Warning", "ForkImpossible", VictimPods.Command);
        Description.Line(description, "Warning", "ForkRestartSuppressed", "Static");
        JsonNode process = await Node.ProcessAsync(
            process => string.Equals((string?)process["pod"]?["name"], StaticVictim.Pod, StringComparison.Ordinal),
            "of the static pod",
            Cancelled
        );
        Assert.Equal(StaticVictim.Namespace, (string)process["pod"]!["namespace"]!);
        Assert.Equal("server", (string)process["container"]!["name"]!);
        await Node.NextReportAsync(Cancelled);
        await watch.SuppressedAsync("Static", Cancelled);
        JsonNode? after = await StaticVictim.ContainerAsync(Cancelled);
        Assert.Equal((string)before!["containerID"]!, (string)after!["containerID"]!);
        Assert.Equal(0, (int)after["restartCount"]!);
        await watch.DeleteAsync(Cancelled);
    }
}
