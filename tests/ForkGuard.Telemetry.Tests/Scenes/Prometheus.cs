using System.Diagnostics;
using System.Text.Json.Nodes;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Telemetry.Tests.Scenes;

/// <summary>Debian's Prometheus with the alert rules of the chart.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private const string Rules = "charts/forkguard/files/prometheus/rules.yaml";

    private readonly Process _process;
    private readonly HttpClient _http;

    private Prometheus(Process process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    internal static async Task<Prometheus> StartAsync(string folder, IReadOnlyDictionary<string, string> targets)
    {
        var config = Path.Combine(folder, "prometheus.yaml");
        var jobs = targets.Select(target =>
            $"  - {{job_name: {target.Key}, static_configs: [{{targets: ['{target.Value}']}}]}}"
        );
        await File.WriteAllLinesAsync(
            config,
            [
                "global: {scrape_interval: 1s, evaluation_interval: 1s}",
                $"rule_files: ['{Path.Combine(RepositoryPaths.Root, Rules)}']",
                "scrape_configs:",
                .. jobs,
            ]
        );
        var port = LoopbackPort.FindFree();
        ProcessStartInfo start = new(
            await FetchedTool.Prometheus.PathAsync(CancellationToken.None),
            [
                $"--config.file={config}",
                $"--storage.tsdb.path={Path.Combine(folder, "data")}",
                $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ]
        );
        return new Prometheus(Process.Start(start)!, port);
    }

    /// <summary>Waits until each target was scraped so many times without an error.</summary>
    internal async Task ScrapedAsync(IReadOnlyCollection<string> jobs, int times)
    {
        try
        {
            await Condition.HoldsAsync(
                async _ =>
                    await TryQueryAsync($"sum_over_time(up[5m]) >= {times}") is { } scraped
                    && scraped.Count == jobs.Count,
                $"{times} scrapes of each target",
                TimeSpan.FromMinutes(1),
                CancellationToken.None
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}: {await GetAsync("targets")}", late);
        }
    }

    /// <summary>The samples of a query. Fails if Prometheus refuses it.</summary>
    internal async Task<JsonArray> QueryAsync(string query)
    {
        var answer = await GetAsync($"query?query={Uri.EscapeDataString(query)}");
        Assert.True((string?)answer["status"] == "success", $"{query}: {answer["error"]}");
        return answer["data"]!["result"]!.AsArray();
    }

    /// <summary>The alert rules, as they were last evaluated.</summary>
    internal async Task<IReadOnlyList<JsonNode>> RulesAsync() =>
        [
            .. from rules in (await GetAsync("rules"))["data"]!["groups"]!.AsArray()
            from rule in rules!["rules"]!.AsArray()
            select rule,
        ];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<JsonArray?> TryQueryAsync(string query)
    {
        try
        {
            return await QueryAsync(query);
        }
        catch (Exception early) when (early is HttpRequestException or System.Text.Json.JsonException)
        {
            Assert.False(_process.HasExited, "Prometheus has ended");
            return null;
        }
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), Cancelled);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
    }
}
