using System.Text.Json;

namespace ForkGuard.ControllerRuntime;

/// <summary>Metadata of any object, even of one that does not have the format of its kind.</summary>
internal static class ObjectHeader
{
    /// <summary>Null without a resource version. A bookmark has no name: its key is empty.</summary>
    public static ResourceIdentity? Read(JsonElement held) =>
        held.ValueKind == JsonValueKind.Object
        && held.TryGetProperty("metadata", out JsonElement metadata)
        && metadata.ValueKind == JsonValueKind.Object
        && Text(metadata, "resourceVersion") is { Length: > 0 } version
            ? new(new(Text(metadata, "namespace"), Text(metadata, "name")), Text(metadata, "uid"), version)
            : null;

    private static string Text(JsonElement metadata, string name) =>
        metadata.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() ?? ""
            : "";
}
