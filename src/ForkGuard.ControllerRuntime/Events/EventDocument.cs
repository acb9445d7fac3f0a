using System.Text;
using System.Text.Json.Nodes;

namespace ForkGuard.ControllerRuntime;

/// <summary>An event of core/v1.</summary>
/// <remarks>
/// kubectl sorts events by <c>lastTimestamp</c>. events.k8s.io/v1 has that field too, and refuses events that set it
/// (kubernetes, <c>pkg/apis/core/validation/events.go</c>).
/// </remarks>
internal static class EventDocument
{
    private const int MaximalNoteBytes = 1024;
    private const string Ellipsis = "...";

    public static JsonObject Reference(ObjectReference to)
    {
        JsonObject reference = new()
        {
            ["apiVersion"] = to.ApiVersion,
            ["kind"] = to.Kind,
            ["name"] = to.Name,
            ["uid"] = to.Uid,
        };
        if (to.Namespace.Length > 0)
        {
            reference["namespace"] = to.Namespace;
        }

        if (to.FieldPath is not null)
        {
            reference["fieldPath"] = to.FieldPath;
        }

        return reference;
    }

    /// <summary>Counts a repetition in an existing event; the server refuses it if another process counted meanwhile.</summary>
    /// <param name="existing">The event.</param>
    /// <param name="repeated">A new event about the same.</param>
    public static JsonObject Repetition(JsonObject existing, JsonObject repeated)
    {
        int count = (existing["series"]?["count"]?.GetValue<int>() ?? 1) + 1;
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = existing["metadata"]!["resourceVersion"]!.DeepClone(),
            },
            ["series"] = new JsonObject
            {
                ["count"] = count,
                ["lastObservedTime"] = repeated["eventTime"]!.DeepClone(),
            },
            ["count"] = count,
            ["lastTimestamp"] = repeated["lastTimestamp"]!.DeepClone(),
        };
    }

    /// <summary>Reports whether the event has this count and time already: the answer to an earlier try was lost.</summary>
    public static bool Has(JsonObject existing, string time) =>
        existing["series"]?["lastObservedTime"]?.GetValue<string>() == time
        || (existing["series"] is null && existing["eventTime"]?.GetValue<string>() == time);

    /// <summary>At most 1 KiB of UTF-8, never in the middle of a character.</summary>
    public static string Note(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= MaximalNoteBytes)
        {
            return note;
        }

        int bytes = Ellipsis.Length;
        int length = 0;
        foreach (Rune rune in note.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaximalNoteBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return note[..length] + Ellipsis;
    }
}
