using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>The node's report says of pods what the kernel really does.</summary>
[Trait("Needs", "Machine")]
public sealed class ReportTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_cannot_fork_is_reported_by_its_names()
    {
        VictimPods victims = await VictimPods.StartAsync("cannot-fork", VictimPods.TooManyPages, Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));

        JsonNode process = await ReportedAsync(victims);

        Assert.Equal("fork 12 ENOMEM", await victims.ForkAsync(pod, Cancelled));
        Assert.Equal("CannotFork", (string)process["verdict"]!);
        Assert.Equal("LargestMapping", (string)process["bindingConstraint"]!);
        Assert.Equal("Exact", (string)Node.BindingOf(process)["confidence"]!);
        Assert.True((bool)Node.BindingOf(process)["refuses"]!);
        Assert.Equal(VictimPods.Command, (string)process["command"]!);
        Assert.Equal(pod, (string)process["pod"]!["name"]!);
        Assert.Equal("server", (string)process["container"]!["name"]!);
        Assert.InRange((int)Node.BindingOf(process)["percent"]!, 109, 110);
    }

    [Fact]
    public async Task A_pod_that_can_fork_is_reported_as_that()
    {
        VictimPods victims = await VictimPods.StartAsync("can-fork", VictimPods.PagesOf(50), Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));

        JsonNode process = await ReportedAsync(victims);

        Assert.Equal("fork 0", await victims.ForkAsync(pod, Cancelled));
        Assert.Equal("CanFork", (string)process["verdict"]!);
        Assert.Equal(pod, (string)process["pod"]!["name"]!);
        Assert.InRange((int)Node.BindingOf(process)["percent"]!, 49, 51);
    }

    private static Task<JsonNode> ReportedAsync(VictimPods victims) =>
        Node.ProcessAsync(
            process =>
                string.Equals((string?)process["pod"]?["namespace"], victims.Namespace, StringComparison.Ordinal),
            $"a process of {victims.Namespace}",
            Cancelled
        );
}
