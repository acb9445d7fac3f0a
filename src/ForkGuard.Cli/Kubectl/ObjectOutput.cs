using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.Cli.Kubectl;

/// <summary>An object as <c>-o json</c> and <c>-o yaml</c> have it.</summary>
internal static class ObjectOutput
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentSize = 4,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static void Write(TextWriter to, JsonObject json, string format)
    {
        if (format == "json")
        {
            to.WriteLine(JsonOf(json));
            return;
        }

        var yaml = new StringBuilder();
        AddMembers(yaml, json, depth: 0);
        to.Write(yaml);
    }

    private static string JsonOf(JsonObject json)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void AddMembers(StringBuilder yaml, JsonObject json, int depth)
    {
        foreach (var (name, value) in json)
        {
            yaml.Append(' ', depth).Append(name).Append(':');
            AddValue(yaml, value, depth);
        }
    }

    private static void AddValue(StringBuilder yaml, JsonNode? value, int depth)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } json:
                yaml.AppendLine();
                AddMembers(yaml, json, depth + 2);
                break;
            case JsonArray { Count: > 0 } array:
                yaml.AppendLine();
                foreach (var item in array)
                {
                    AddItem(yaml, item, depth);
                }

                break;
            default:
                yaml.Append(' ').AppendLine(Scalar(value));
                break;
        }
    }

    private static void AddItem(StringBuilder yaml, JsonNode? item, int depth)
    {
        if (item is not JsonObject { Count: > 0 } json)
        {
            yaml.Append(' ', depth).Append("- ").AppendLine(Scalar(item));
            return;
        }

        var members = new StringBuilder();
        AddMembers(members, json, depth + 2);
        members[depth] = '-';
        yaml.Append(members);
    }

    private static string Scalar(JsonNode? value) =>
        value switch
        {
            null => "null",
            JsonObject => "{}",
            JsonArray => "[]",
            JsonValue text when text.GetValueKind() == JsonValueKind.String => IsPlain(text.GetValue<string>())
                ? text.GetValue<string>()
                : Quoted(text.GetValue<string>()),
            _ => value.ToJsonString(),
        };

    /// <summary>
    /// A scalar in double quotes (YAML 1.2.2, 5.7 and 7.3.1). Surrogate pairs, which JSON escapes as two characters, are one
    /// character of YAML.
    /// </summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ =
                rune.Value is '"' or '\\' ? quoted.Append('\\').Append((char)rune.Value)
                : rune.Value == '\n' ? quoted.Append("\\n")
                : rune.Value == '\t' ? quoted.Append("\\t")
                : rune.Value > char.MaxValue ? quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}")
                : IsShown(rune) ? quoted.Append((char)rune.Value)
                : quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
        }

        return quoted.Append('"').ToString();
    }

    // Neither control characters nor those that change the direction of a line on the terminal.
    private static bool IsShown(Rune rune) =>
        rune.Value == ' '
        || !(
            Rune.IsControl(rune)
            || Rune.IsWhiteSpace(rune)
            || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse
                    or UnicodeCategory.OtherNotAssigned
        );

    private static bool IsPlain(string text) =>
        text.Length > 0
        && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/')
        && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        && text.ToUpperInvariant() is not ("TRUE" or "FALSE" or "NULL" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
}
