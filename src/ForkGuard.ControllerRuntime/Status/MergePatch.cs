using System.Text.Json.Nodes;

namespace ForkGuard.ControllerRuntime;

/// <summary>JSON merge patches (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Returns the patch that turns one object into another; empty if they are equal.</summary>
    public static JsonObject Between(JsonObject from, JsonObject to)
    {
        JsonObject patch = [];
        foreach ((string name, JsonNode? value) in to)
        {
            JsonNode? before = from[name];
            if (JsonNode.DeepEquals(before, value))
            {
                continue;
            }

            patch[name] =
                before is JsonObject old && value is JsonObject changed ? Between(old, changed) : value?.DeepClone();
        }

        foreach ((string name, JsonNode? value) in from)
        {
            if (value is not null && !to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        return patch;
    }
}
