using System.Globalization;

namespace ForkGuard.Node.Serving;

/// <summary>The paths that the agent and a listening watch answer.</summary>
internal static class StatusPages
{
    /// <summary>Prometheus' text format.</summary>
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Returns the page of a path; null for an unknown one.</summary>
    internal static StatusPage? Of(string path, ScanHealth health, Func<byte[]> scrape) =>
        path switch
        {
            "/healthz" when health.IsAlive => StatusServer.Text(200, "ok\n"),
            "/healthz" => StatusServer.Text(
                503,
                string.Create(CultureInfo.InvariantCulture, $"no scan for {health.SinceLastScan.TotalSeconds:0} s\n")
            ),
            "/readyz" => health.IsReady ? StatusServer.Text(200, "ok\n") : StatusServer.Text(503, "no scan yet\n"),
            "/metrics" => new StatusPage(200, MetricsContentType, scrape()),
            _ => null,
        };
}
