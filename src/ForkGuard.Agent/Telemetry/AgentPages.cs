using System.Globalization;
using ForkGuard.Agent.Reporting;

namespace ForkGuard.Agent.Telemetry;

/// <summary>The paths that the agent answers.</summary>
internal static class AgentPages
{
    internal static StatusPage? Of(string path, AgentHealth health, AgentTelemetry telemetry) =>
        path switch
        {
            "/healthz" when health.IsAlive => StatusServer.Text(200, "ok\n"),
            "/healthz" => StatusServer.Text(
                503,
                string.Create(CultureInfo.InvariantCulture, $"no scan for {health.SinceLastScan.TotalSeconds:0} s\n")
            ),
            "/readyz" => health.IsReady ? StatusServer.Text(200, "ok\n") : StatusServer.Text(503, "no scan yet\n"),
            "/metrics" => new StatusPage(200, PrometheusText.ContentType, telemetry.Scrape()),
            _ => null,
        };
}
