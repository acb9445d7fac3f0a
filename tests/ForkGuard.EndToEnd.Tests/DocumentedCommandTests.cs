using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>What the pages and the chart's notes tell the reader to run in a cluster, runs there as it is written.</summary>
[Trait("Needs", "Machine")]
public sealed class DocumentedCommandTests : IAsyncLifetime
{
    // What the pages take for granted.
    private const string Shop = "shop";

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await VictimPods.StartAsync(Shop, VictimPods.PagesOf(50), Cancelled);

    public async ValueTask DisposeAsync() =>
        await Shell.SucceedAsync(["kubectl", "delete", "namespace", Shop], cancellationToken: Cancelled);

    [Fact]
    public async Task The_quick_start_ends_with_a_report_and_a_watch_that_is_judged()
    {
        await Shell.SucceedAsync(
            ["helm", "uninstall", Installation.Release, "--namespace", Installation.Namespace, "--wait"],
            cancellationToken: Cancelled
        );
        Dictionary<string, string> said = new(StringComparer.Ordinal);
        foreach (DocumentedCommand command in ClusterCommandsOf(Page.Read("README.md")))
        {
            said[command.Text] = await DocumentedShell.RunAsync(command, Cancelled);
        }

        string node = (string)Assert.Single(await Installation.ListAsync("", "nodes", Cancelled))["metadata"]!["name"]!;
        Assert.Contains(node, said["kubectl get nodeforkreports"], StringComparison.Ordinal);
        Assert.Contains("Name:         redis", said.Last().Value, StringComparison.Ordinal);
        await Condition.HoldsAsync(
            async token => (await DocumentedShell.RunAsync(new(said.Last().Key), token)).Contains("Accepted", Ordinal),
            "the watch of the quick start is judged",
            Soon,
            Cancelled
        );
    }

    [Fact]
    public async Task The_other_pages_commands_run()
    {
        foreach (
            DocumentedCommand command in Page.All.Where(page => page.Name != "README.md").SelectMany(ClusterCommandsOf)
        )
        {
            await DocumentedShell.RunAsync(command, Cancelled);
        }
    }

    [Fact]
    public async Task The_notes_of_the_chart_run()
    {
        string notes = await Shell.SucceedAsync(
            ["helm", "get", "notes", Installation.Release, "--namespace", Installation.Namespace],
            cancellationToken: Cancelled
        );
        List<DocumentedCommand> commands =
        [
            .. DocumentedCommand.In(
                notes.Split('\n').Where(line => line.StartsWith("  ", Ordinal)).Select(line => line[2..])
            ),
        ];

        Assert.Equal(4, commands.Count);
        Assert.All(commands, command => Assert.Equal(CommandPlace.Cluster, command.Place));
        foreach (DocumentedCommand command in commands)
        {
            await DocumentedShell.RunAsync(command, Cancelled);
        }

        JsonNode? watch = await Installation.FindAsync(Shop, "forkwatch", "redis", Cancelled);
        Assert.NotNull(watch);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static IEnumerable<DocumentedCommand> ClusterCommandsOf(Page page) =>
        page.Commands.Where(command => command.Place == CommandPlace.Cluster);
}
