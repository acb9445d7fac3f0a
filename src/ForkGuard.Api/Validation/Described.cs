using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.Api.Validation;

/// <summary>Describes the values of a manifest and those that a field takes.</summary>
internal static class Described
{
    private const int MaxNumber = 40;

    /// <summary><c>the number 5</c>, <c>the text "x"</c>, <c>a list</c> and so on.</summary>
    public static string Value(JsonNode? node) =>
        node?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "null",
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "the text " + PrintableText.Quote(Text(node)),
            JsonValueKind.Number => "the number " + PrintableText.Escape(node.ToJsonString(), MaxNumber),
            _ => node.ToJsonString(),
        };

    /// <summary>The string of a JSON string, however the node came to be.</summary>
    public static string Text(JsonNode node) =>
        node.AsValue().TryGetValue(out string? text) ? text : node.ToJsonString().Trim('"');

    /// <summary><c>a, b or c</c>.</summary>
    public static string Choice(IReadOnlyList<string> names) =>
        names.Count < 2 ? string.Concat(names) : string.Join(", ", names.SkipLast(1)) + " or " + names[^1];
}
