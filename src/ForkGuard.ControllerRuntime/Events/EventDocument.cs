using System.Text;
using System.Text.Json.Nodes;

namespace ForkGuard.ControllerRuntime;

/// <summary>An event as events.k8s.io/v1 wants it.</summary>
/// <remarks>
/// The <c>deprecated...</c> fields must be unset, and all but the series never changes (kubernetes,
/// <c>pkg/apis/core/validation/events.go</c>).
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

    /// <summary>What counts a repetition in an event that is there; refused if someone else counted meanwhile.</summary>
    public static JsonObject Repetition(JsonObject existing, string now) =>
        new()
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = existing["metadata"]!["resourceVersion"]!.DeepClone(),
            },
            ["series"] = new JsonObject
            {
                ["count"] = (existing["series"]?["count"]?.GetValue<int>() ?? 1) + 1,
                ["lastObservedTime"] = now,
            },
        };

    /// <summary>Whether the event says what was to be said at this time: the answer to an earlier try was lost.</summary>
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
