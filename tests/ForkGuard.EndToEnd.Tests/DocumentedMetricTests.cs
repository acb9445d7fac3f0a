using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>Who scrapes, finds what docs/configuration.md names.</summary>
[Trait("Needs", "Machine")]
public sealed class DocumentedMetricTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("agent", "forkguard_limit_bytes gauge")]
    [InlineData("controller", "forkguard_leader gauge")]
    public async Task A_scraped_metric_is_on_the_page(string component, string example)
    {
        HashSet<string> documented =
        [
            .. from heading in new[] { "Metrics of every program", $"Metrics of the {component}" }
            from row in Page.Configuration.TableUnder(heading)
            select $"{row[0].Trim('`')} {row[1]}",
        ];
        HashSet<string> scraped = new(StringComparer.Ordinal);
        foreach (var pod in await PodsAsync(component))
        {
            scraped.UnionWith(await ScrapeAsync(pod));
        }

        Assert.Contains(example, scraped);
        Assert.Subset(documented, scraped);
    }

    private static async Task<IEnumerable<string>> PodsAsync(string component) =>
        from pod in await Installation.ListAsync(
            Installation.Namespace,
            "pods",
            Cancelled,
            $"app.kubernetes.io/component={component}"
        )
        where pod["metadata"]!["deletionTimestamp"] is null
        select (string)pod["metadata"]!["name"]!;

    private static async Task<IEnumerable<string>> ScrapeAsync(string pod)
    {
        string text = await Shell.SucceedAsync(
            ["kubectl", "get", "--raw", $"/api/v1/namespaces/{Installation.Namespace}/pods/{pod}:8080/proxy/metrics"],
            cancellationToken: Cancelled
        );
        return text.Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .Select(line => line["# TYPE ".Length..])
            .Where(metric => !metric.StartsWith("dotnet_", StringComparison.Ordinal));
    }
}
