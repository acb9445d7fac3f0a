using ForkGuard.Telemetry.Tests.Scenes;
using ForkGuard.Testing;

namespace ForkGuard.Telemetry.Tests;

/// <summary>A real Prometheus and the metrics of every program.</summary>
[Collection(ScrapedPrograms.Collection)]
[Trait("Needs", "Machine")]
public sealed class PrometheusTests(ScrapedPrograms programs)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("agent", "forkguard-agent")]
    [InlineData("controller", "forkguard-controller")]
    [InlineData("watch", "forkguard-watch")]
    public async Task A_program_is_scraped_with_its_identity(string job, string service)
    {
        Assert.Single(await programs.Prometheus.QueryAsync($"up{{job=\"{job}\"}} == 1"));
        Assert.Single(await programs.Prometheus.QueryAsync($"forkguard_build_info{{job=\"{job}\"}} == 1"));
        Assert.Single(await programs.Prometheus.QueryAsync($"target_info{{job=\"{job}\",service_name=\"{service}\"}}"));
    }

    [Fact]
    public async Task The_agent_carries_the_name_of_its_node() =>
        Assert.Single(
            await programs.Prometheus.QueryAsync(
                "target_info{job=\"agent\",k8s_node_name=\"scraped-node\",host_name=\"scraped-node\"}"
            )
        );

    [Theory]
    [InlineData("agent")]
    [InlineData("controller")]
    [InlineData("watch")]
    [InlineData("sample")]
    public async Task Promtool_accepts_the_metrics(string job)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://{programs.Targets[job]}/metrics"), Cancelled);
        Assert.Equal("", await FetchedTool.Promtool.RunAsync(text, ["check", "metrics"]));
    }

    [Theory]
    [InlineData("controller", "forkguard_restarts_total{result=\"DidNotHelp\",method=\"Evict\"}")]
    [InlineData("controller", "forkguard_restarts_suppressed_total{gate=\"Cooldown\"}")]
    [InlineData("controller", "forkguard_announcements_total{reason=\"ForkAtRisk\"}")]
    [InlineData("controller", "forkguard_reports_mismatched_total")]
    [InlineData("controller", "forkguard_events_recorded_total{type=\"Warning\",result=\"counted\"}")]
    [InlineData("controller", "forkguard_objects_unreadable_total{kind=\"pods\"}")]
    [InlineData("agent", "forkguard_overcommit_mode_changes_total")]
    [InlineData("agent", "forkguard_scan_failures_total")]
    [InlineData("agent", "forkguard_report_requests_total{result=\"Throttled\"}")]
    [InlineData("watch", "forkguard_announcements_total{reason=\"ForkSnapshotAtRisk\"}")]
    public async Task A_counter_exists_at_0(string job, string series) =>
        Assert.Single(await programs.Prometheus.QueryAsync($"{series} == 0 and on (job) up{{job=\"{job}\"}}"));

    [Fact]
    public async Task Every_alert_rule_is_evaluated()
    {
        await Condition.HoldsAsync(
            async _ => (await programs.Prometheus.RulesAsync()).All(rule => (string?)rule["health"] != "unknown"),
            "an evaluation of every rule",
            cancellationToken: Cancelled
        );
        var rules = await programs.Prometheus.RulesAsync();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.Equal("ok", (string?)rule["health"]));
    }
}
