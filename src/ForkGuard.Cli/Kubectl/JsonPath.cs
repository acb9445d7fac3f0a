using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>Reads members of an object that may be absent or of any type.</summary>
internal static class JsonPath
{
    internal static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject json && json.TryGetPropertyValue(name, out var member) ? member : null;
        }

        return node;
    }

    internal static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : null;

    internal static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    internal static bool IsTrue(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    internal static IEnumerable<JsonObject> Objects(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>The condition of a type; null if the object has none.</summary>
    internal static JsonObject? Condition(this JsonNode? node, string type) =>
        node.Objects("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    internal static bool HasCondition(this JsonNode? node, string type) =>
        node.Condition(type).Text("status") == "True";

    /// <summary>Namespace and labels, by which selectors select.</summary>
    internal static ObjectMeta MetadataOf(this JsonNode? node) =>
        new()
        {
            Namespace = node.NamespaceOf(),
            Labels = (node.At("metadata", "labels") as JsonObject ?? [])
                .Where(label => label.Value.Text() is not null)
                .ToDictionary(label => label.Key, label => label.Value.Text()!, StringComparer.Ordinal),
        };

    internal static string NameOf(this JsonNode? node) => node.Text("metadata", "name") ?? "";

    internal static string NamespaceOf(this JsonNode? node) => node.Text("metadata", "namespace") ?? "";
}
