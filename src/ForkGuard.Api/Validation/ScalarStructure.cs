using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.Api.Validation;

/// <summary>Validates single values against the type of their field.</summary>
internal static class ScalarStructure
{
    /// <summary>The error and its cure; null if the value fits the type.</summary>
    public static string? Validate(JsonNode node, Type type)
    {
        if (type == typeof(string))
        {
            return ValidateText(node);
        }

        if (type == typeof(int))
        {
            return ValidateWhole(node, int.MinValue, int.MaxValue);
        }

        if (type == typeof(long))
        {
            return ValidateWhole(node, long.MinValue, long.MaxValue);
        }

        if (type == typeof(bool))
        {
            return node.GetValueKind() is JsonValueKind.True or JsonValueKind.False
                ? null
                : Wrong(node, "true or false");
        }

        return type.IsEnum ? ValidateEnum(node, type) : ValidateTime(node);
    }

    private static string? ValidateText(JsonNode node) =>
        node.GetValueKind() switch
        {
            JsonValueKind.String => null,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => Wrong(node, "text; put it in quotes"),
            _ => Wrong(node, "text"),
        };

    private static string? ValidateWhole(JsonNode node, long smallest, long largest)
    {
        var number = node.GetValueKind() switch
        {
            JsonValueKind.Number => node.ToJsonString(),
            JsonValueKind.String => Described.Text(node),
            _ => "",
        };
        var fits = long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        fits = fits && value >= smallest && value <= largest;
        if (node.GetValueKind() == JsonValueKind.Number)
        {
            var whole = !number.AsSpan().ContainsAny('.', 'e', 'E');
            var right = whole ? $"a whole number from {smallest} to {largest}" : "a whole number";
            return fits ? null : Wrong(node, right);
        }

        return Wrong(node, fits ? "a whole number; leave the quotes out" : "a whole number");
    }

    private static string? ValidateEnum(JsonNode node, Type type)
    {
        var names = Enum.GetNames(type);
        if (node.GetValueKind() != JsonValueKind.String)
        {
            return Wrong(node, Described.Choice(names));
        }

        var text = Described.Text(node);
        if (names.Contains(text, StringComparer.Ordinal))
        {
            return null;
        }

        var near = NearestName.Of(text, names);
        return $"is {PrintableText.Quote(text)} but must be {Described.Choice(names)}"
            + (near is null ? "" : $"; did you mean {near}?");
    }

    private static string? ValidateTime(JsonNode node)
    {
        using var json = JsonDocument.Parse(node.ToJsonString());
        var fits = json.RootElement.ValueKind == JsonValueKind.String && json.RootElement.TryGetDateTimeOffset(out _);
        return fits ? null : Wrong(node, "a time such as 2026-01-31T12:00:00Z");
    }

    private static string Wrong(JsonNode node, string right) => $"is {Described.Value(node)} but must be {right}";
}
