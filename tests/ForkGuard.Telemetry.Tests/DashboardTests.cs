using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ForkGuard.Telemetry.Tests.Scenes;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Telemetry.Tests;

/// <summary>The Grafana dashboard of the chart against a real Prometheus.</summary>
[Collection(ScrapedPrograms.Collection)]
[Trait("Needs", "Machine")]
public sealed partial class DashboardTests(ScrapedPrograms programs)
{
    private const string File = "charts/forkguard/files/grafana/forkguard.json";

    private static readonly JsonNode Dashboard = JsonNode.Parse(
        System.IO.File.ReadAllText(Path.Combine(RepositoryPaths.Root, File))
    )!;

    // A closed row contains its panels; those of an open one follow it.
    private static IEnumerable<JsonNode> AllPanels =>
        Dashboard["panels"]!.AsArray().SelectMany(panel => panel!["panels"]?.AsArray().Prepend(panel) ?? [panel])!;

    private static IEnumerable<JsonNode> Panels => AllPanels.Where(panel => (string?)panel["type"] != "row");

    public static TheoryData<string, string> Queries =>
        [
            .. from panel in Panels
            from target in panel["targets"]!.AsArray()
            select ((string)panel["title"]!, (string)target!["expr"]!),
        ];

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_returns_data(string panel, string query)
    {
        // As Grafana replaces its variables.
        var replaced = query
            .Replace("$namespace", ".*", StringComparison.Ordinal)
            .Replace("$node", ".*", StringComparison.Ordinal)
            .Replace("$__rate_interval", "1m", StringComparison.Ordinal);
        Assert.DoesNotContain('$', replaced);
        Assert.True((await programs.Prometheus.QueryAsync(replaced)).Count > 0, $"{panel}: {query} returns nothing");
    }

    [Theory]
    [InlineData("namespace", "shop")]
    [InlineData("node", "scraped-node")]
    public async Task A_variable_of_the_dashboard_has_its_values(string name, string value)
    {
        var variable = Assert.Single(
            Dashboard["templating"]!["list"]!.AsArray(),
            variable => (string?)variable!["name"] == name
        );
        var query = LabelValues().Match((string)variable!["query"]!["query"]!);
        Assert.True(query.Success);
        var label = query.Groups["label"].Value;
        var values = await programs.Prometheus.QueryAsync($"count by ({label}) ({query.Groups["series"].Value})");
        Assert.Contains(value, values.Select(series => (string?)series!["metric"]![label]), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("another-node", 0)]
    [InlineData("scraped-node", 1)]
    public async Task The_panels_of_nodes_show_the_selected_nodes_alone(string node, int count)
    {
        var panel = Panels.Single(panel => (string?)panel["title"] == "Committed memory");
        var query = ((string)panel["targets"]![0]!["expr"]!).Replace("$node", node, StringComparison.Ordinal);
        Assert.Equal(count, (await programs.Prometheus.QueryAsync(query)).Count);
    }

    [Fact]
    public void Every_metric_is_documented()
    {
        var documented = Page.Configuration.Text + Page.Read("docs/host.md").Text;
        var metrics = Queries
            .SelectMany(query => Metric().Matches(query.Data.Item2))
            .Select(match => match.Value.Replace("_bucket", "", StringComparison.Ordinal));
        Assert.All(metrics, metric => Assert.Contains($"| `{metric}` |", documented, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_panel_has_a_place_of_its_own_a_title_and_a_description()
    {
        Assert.All(Panels, panel => Assert.True(((string?)panel["description"])?.Length > 0));
        Assert.Distinct(Panels.Select(panel => (string)panel["title"]!), StringComparer.Ordinal);
        Assert.Distinct(AllPanels.Select(panel => (int)panel["id"]!));
        Assert.Distinct(Panels.Select(panel => ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)));
    }

    [GeneratedRegex(@"^label_values\((?<series>.+), (?<label>\w+)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\b(forkguard|process)_\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();
}
