using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The one node, and its report.</summary>
internal static class Node
{
    public const string Name = "forkguard-node";

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    /// <summary>Waits until the node's report is as it should be, and returns it.</summary>
    public static async Task<JsonNode> ReportAsync(
        Func<JsonNode, bool> holds,
        string description,
        CancellationToken cancellationToken
    )
    {
        JsonNode? last = null;
        try
        {
            await Condition.HoldsAsync(
                async token => (last = await FindReportAsync(token)) is not null && holds(last),
                $"the node's report: {description}",
                Soon,
                cancellationToken
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; it is {last}", late);
        }

        return last!;
    }

    /// <summary>Waits until the report has such a process, and returns it.</summary>
    public static async Task<JsonNode> ProcessAsync(
        Func<JsonNode, bool> isIt,
        string description,
        CancellationToken cancellationToken
    ) =>
        ProcessesOf(await ReportAsync(report => ProcessesOf(report).Any(isIt), description, cancellationToken))
            .First(isIt);

    /// <summary>Waits for a report that is newer than this one.</summary>
    public static Task<JsonNode> NextReportAsync(JsonNode report, CancellationToken cancellationToken) =>
        ReportAsync(
            next => !string.Equals(ObservedTime(next), ObservedTime(report), StringComparison.Ordinal),
            "the next one",
            cancellationToken
        );

    /// <summary>Waits for a report that is newer than the one that is there now: at most a scan long, if a process is near its limit.</summary>
    public static async Task NextReportAsync(CancellationToken cancellationToken) =>
        await NextReportAsync((await FindReportAsync(cancellationToken))!, cancellationToken);

    public static Task<JsonNode?> FindReportAsync(CancellationToken cancellationToken) =>
        Installation.FindAsync("", "nodeforkreport", Name, cancellationToken);

    public static IEnumerable<JsonNode> ProcessesOf(JsonNode report) =>
        (report["status"]?["processes"]?.AsArray() ?? []).OfType<JsonNode>();

    private static string? ObservedTime(JsonNode? report) => (string?)report?["status"]?["observedTime"];
}
