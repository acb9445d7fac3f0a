using System.Text.RegularExpressions;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;
using YamlDotNet.RepresentationModel;

namespace ForkGuard.Chart.Tests;

/// <summary>The alerts of the chart, read by Prometheus' own promtool.</summary>
public sealed partial class AlertRuleTests
{
    private const string Rules = "charts/forkguard/files/prometheus/rules.yaml";
    private const string UnitTests = "tests/prometheus/rules.test.yaml";

    private static readonly string RulesText = Read(Rules);

    private static IEnumerable<string> Alerts => Alert().Matches(RulesText).Select(match => match.Groups["name"].Value);

    [Fact]
    public async Task Promtool_accepts_the_rules() => await FetchedTool.Promtool.RunAsync("check", "rules", Rules);

    [Fact]
    public async Task Every_alert_fires_when_it_should_and_not_before()
    {
        var file = Path.Combine(RepositoryPaths.Artifacts, "rules.test.yaml");
        await File.WriteAllTextAsync(
            file,
            Read(UnitTests).Replace("FILE", Path.Combine(RepositoryPaths.Root, Rules), StringComparison.Ordinal),
            TestContext.Current.CancellationToken
        );
        await FetchedTool.Promtool.RunAsync("test", "rules", file);
        Assert.Equal(
            Alerts.Order(StringComparer.Ordinal),
            Fired().Matches(Read(UnitTests)).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert() =>
        Assert.Equal(
            Alerts,
            Page.Read("docs/runbooks.md")
                .Text.Split('\n')
                .Where(line => line.StartsWith("## ", StringComparison.Ordinal))
                .Select(line => line[3..]),
            StringComparer.Ordinal
        );

    [Fact]
    public void Every_metric_is_documented()
    {
        var expressions = Expression().Matches(RulesText).Select(match => match.Groups["text"].Value);
        var metrics = expressions.SelectMany(text => Metric().Matches(text)).Select(match => match.Value);
        Assert.All(
            metrics,
            metric => Assert.Contains($"| `{metric}` |", Page.Configuration.Text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task The_chart_renders_the_rules_with_links_to_the_runbooks()
    {
        const string url = "https://docs.example.com/runbooks";
        var rendered = await RenderAsync(
            "--show-only=templates/prometheus-rule.yaml",
            "--set=metrics.prometheusRule.enabled=true",
            $"--set=metrics.prometheusRule.runbooksUrl={url}"
        );
        Assert.Equal(
            Alerts,
            Alert().Matches(rendered).Select(match => match.Groups["name"].Value),
            StringComparer.Ordinal
        );
        Assert.All(
            Alerts,
            alert =>
                Assert.Contains($"runbook_url: {url}#{alert.ToLowerInvariant()}\n", rendered, StringComparison.Ordinal)
        );
        using var reader = new StringReader(rendered);
        var yaml = new YamlStream();
        yaml.Load(reader);
        Assert.Single(yaml.Documents);
    }

    [Fact]
    public async Task The_chart_renders_no_rules_by_default() =>
        Assert.DoesNotContain("PrometheusRule", await RenderAsync(), StringComparison.Ordinal);

    private static async Task<string> RenderAsync(params string[] arguments) =>
        await FetchedTool.Helm.RunAsync([
            "template",
            "forkguard",
            "charts/forkguard",
            "--values=charts/forkguard/ci/minimal-values.yaml",
            .. arguments,
        ]);

    private static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryPaths.Root, file));

    [GeneratedRegex(@"^ *-? ?alert: (?<name>\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Alert();

    // An alert that is expected to fire; those in braces are expected not to.
    [GeneratedRegex(@"^ *- alertname: (?<name>\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Fired();

    [GeneratedRegex(@"^ +expr: (?<text>.*(\n {10}.*)*)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\bforkguard_\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();
}
