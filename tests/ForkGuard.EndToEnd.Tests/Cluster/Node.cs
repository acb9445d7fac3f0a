using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The one node, and its report.</summary>
internal static class Node
{
    public const string Name = "forkguard-node";

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    // Two minutes without growth, and the agent's next report of a process that is not near its limit.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(8);

    /// <summary>Waits until the node's report is as it should be, and returns it.</summary>
    public static async Task<JsonNode> ReportAsync(
        Func<JsonNode, bool> holds,
        string description,
        CancellationToken cancellationToken,
        TimeSpan? within = null
    )
    {
        JsonNode? last = null;
        try
        {
            await Condition.HoldsAsync(
                async token => (last = await FindReportAsync(token)) is not null && holds(last),
                $"the node's report: {description}",
                within ?? Soon,
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

    /// <summary>The binding constraint of a process of the report, which is the first.</summary>
    public static JsonNode BindingOf(JsonNode process) => process["constraints"]![0]!;

    /// <summary>The constraint of a type of a process of the report; null if it has none.</summary>
    public static JsonNode? ConstraintOf(JsonNode process, string type) =>
        (process["constraints"]?.AsArray() ?? [])
            .OfType<JsonNode>()
            .FirstOrDefault(constraint => string.Equals((string?)constraint["type"], type, StringComparison.Ordinal));

    /// <summary>Asks the agent for a scan every so many seconds.</summary>
    public static async Task ScanEveryAsync(int seconds, CancellationToken cancellationToken)
    {
        await ReportAsync(_ => true, "there", cancellationToken);
        await Shell.SucceedAsync(
            [
                "kubectl",
                "patch",
                "nodeforkreport",
                Name,
                "--type=merge",
                "--patch",
                $$$"""{"spec":{"scanSeconds":{{{seconds}}}}}""",
            ],
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Waits until a process of the pod has settled after its start, from when on its growth counts.</summary>
    public static Task<JsonNode> SettledAsync(
        string pod,
        CancellationToken cancellationToken,
        string constraint = "LargestMapping"
    ) =>
        ReportAsync(
            report =>
                ProcessesOf(report)
                    .Any(process => IsOf(process, pod) && ConstraintOf(process, constraint)?["settled"] is not null),
            $"{pod} has settled",
            cancellationToken,
            Settling
        );

    private static bool IsOf(JsonNode process, string pod) =>
        string.Equals((string?)process["pod"]?["name"], pod, StringComparison.Ordinal);

    private static string? ObservedTime(JsonNode? report) => (string?)report?["status"]?["observedTime"];
}
