using System.Text.Json.Nodes;

namespace ForkGuard.Controller.Restarts.Tests.Scenes;

internal static class JsonChange
{
    /// <summary>Sets the fields of a change; those of objects are merged.</summary>
    internal static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (key, value) in change)
        {
            if (value is JsonObject inner && into[key] is JsonObject known)
            {
                Merge(known, inner);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }
}
