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

    private static IEnumerable<JsonNode> Panels =>
        Dashboard["panels"]!.AsArray().Where(panel => (string?)panel!["type"] != "row")!;

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
            .Replace("$__rate_interval", "1m", StringComparison.Ordinal);
        Assert.DoesNotContain('$', replaced);
        Assert.True((await programs.Prometheus.QueryAsync(replaced)).Count > 0, $"{panel}: {query} returns nothing");
    }

    [Fact]
    public async Task The_variables_of_the_dashboard_have_values()
    {
        var variable = Assert.Single(
            Dashboard["templating"]!["list"]!.AsArray(),
            variable => (string?)variable!["type"] == "query"
        );
        var (metric, label) = LabelValues().Match((string)variable!["query"]!["query"]!) is { Success: true } match
            ? (match.Groups["metric"].Value, match.Groups["label"].Value)
            : default;
        var values = await programs.Prometheus.QueryAsync($"count by ({label}) ({metric})");
        Assert.Equal("shop", (string?)Assert.Single(values)!["metric"]![label]);
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
        Assert.Distinct(Dashboard["panels"]!.AsArray().Select(panel => (int)panel!["id"]!));
        Assert.Distinct(Panels.Select(panel => ((int)panel["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)));
    }

    [GeneratedRegex(@"^label_values\((?<metric>\w+), (?<label>\w+)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\b(forkguard|process)_\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();
}
