using System.Text.Json;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>A request to evict or delete a pod, as the API server recorded it.</summary>
/// <param name="Id">The API server's own number of the request.</param>
/// <param name="User">Who made it.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="Uid">The uid that the request names; null if it names none.</param>
/// <param name="IsTrial">Whether it was a dry run.</param>
/// <param name="Time">When the API server received it.</param>
/// <param name="Code">The code of the answer; null if the API server recorded none.</param>
internal sealed record RemovalRequest(
    string Id,
    string User,
    string Pod,
    string? Uid,
    bool IsTrial,
    DateTimeOffset Time,
    int? Code
);

/// <summary>The audit log of the API server.</summary>
internal static class AuditLog
{
    /// <summary>Every request to remove a pod of a namespace, in the order in which they were received.</summary>
    internal static async Task<IReadOnlyList<RemovalRequest>> ReadAsync(string path, string ns)
    {
        var found = new Dictionary<string, RemovalRequest>(StringComparer.Ordinal);
        using var log = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
        );
        while (await log.ReadLineAsync() is { } line)
        {
            // A server that was killed may have left half a line.
            if (
                line.Contains($"\"namespace\":\"{ns}\"", StringComparison.Ordinal)
                && line.EndsWith('}')
                && Read(line) is { } request
            )
            {
                found[request.Id] = request;
            }
        }

        return [.. found.Values.OrderBy(request => request.Time)];
    }

    private static RemovalRequest? Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        var entry = json.RootElement;
        var target = entry.GetProperty("objectRef");
        var isEviction = Text(target, "subresource") == "eviction";
        if (Text(target, "resource") != "pods" || (Text(entry, "verb") != "delete" && !isEviction))
        {
            return null;
        }

        var options = Member(entry, "requestObject");
        options = isEviction && options is { } eviction ? Member(eviction, "deleteOptions") : options;
        return new RemovalRequest(
            Text(entry, "auditID")!,
            Text(entry.GetProperty("user"), "username")!,
            Text(target, "name") ?? "",
            options is { } given && Member(given, "preconditions") is { } conditions ? Text(conditions, "uid") : null,
            Text(entry, "requestURI")?.Contains("dryRun=", StringComparison.Ordinal) == true,
            entry.GetProperty("requestReceivedTimestamp").GetDateTimeOffset(),
            Member(entry, "responseStatus") is { } status ? status.GetProperty("code").GetInt32() : null
        );
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var found)
        && found.ValueKind != JsonValueKind.Null
            ? found
            : null;

    private static string? Text(JsonElement json, string name) => Member(json, name)?.GetString();
}
