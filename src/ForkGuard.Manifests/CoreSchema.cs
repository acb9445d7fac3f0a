using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ForkGuard.Manifests;

/// <summary>Meaning of a scalar: YAML 1.2, 10.3. So <c>yes</c> and <c>02:00</c> are text, and quotes always make text.</summary>
internal static class CoreSchema
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <summary>Gives the scalar as JSON.</summary>
    /// <param name="scalar">The scalar as it stands in the file.</param>
    /// <param name="value">JSON; null is YAML's null. A number that JSON cannot write (<c>.inf</c>) stays text.</param>
    /// <param name="wrong">The error and its cure, if false comes back.</param>
    public static bool TryRead(Scalar scalar, out JsonNode? value, out string wrong)
    {
        value = null;
        wrong = "";
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag.Length == 0 && scalar.Style == ScalarStyle.Plain)
        {
            value = ReadPlain(scalar.Value);
            return true;
        }

        if (tag is "" or "!" or TagPrefix + "str")
        {
            value = JsonValue.Create(scalar.Value);
            return true;
        }

        value = ReadPlain(scalar.Value);
        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        var fits = tag switch
        {
            TagPrefix + "null" => kind == JsonValueKind.Null,
            TagPrefix + "bool" => kind is JsonValueKind.True or JsonValueKind.False,
            TagPrefix + "int" or TagPrefix + "float" => kind == JsonValueKind.Number,
            _ => false,
        };
        wrong = fits ? "" : $"has the tag {PrintableText.Quote(tag)}, which does not fit; leave the tag out";
        return fits;
    }

    private static JsonValue? ReadPlain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
            default:
                return ReadNumber(text) ?? JsonValue.Create(text);
        }
    }

    private static JsonValue? ReadNumber(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return
                long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)
                && hex >= 0
                ? JsonValue.Create(hex)
                : null;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal))
        {
            return ReadOctal(text.AsSpan(2));
        }

        // JSON writes neither a plus, nor leading zeros, nor a bare point; the digits stay as they are.
        var digits = text.AsSpan().TrimStart('+');
        var negative = digits.StartsWith('-');
        digits = (negative ? digits[1..] : digits).TrimStart('0');
        if (text.Length - text.AsSpan().TrimStart("+-").Length > 1 || !IsNumber(text.AsSpan().TrimStart("+-")))
        {
            return null;
        }

        var whole = digits.IsEmpty || !char.IsAsciiDigit(digits[0]) ? "0" : "";
        var json = $"{(negative ? "-" : "")}{whole}{digits}".Replace(".e", ".0e", StringComparison.OrdinalIgnoreCase);
        using var document = JsonDocument.Parse(json.EndsWith('.') ? json + "0" : json);
        return JsonValue.Create(document.RootElement.Clone());
    }

    /// <summary>Reports whether this is <c>( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?</c>.</summary>
    private static bool IsNumber(ReadOnlySpan<char> text)
    {
        var whole = SkipDigits(ref text);
        var fraction = 0;
        if (text.StartsWith('.'))
        {
            text = text[1..];
            fraction = SkipDigits(ref text);
        }

        if (whole + fraction == 0)
        {
            return false;
        }

        if (text.StartsWith("e", StringComparison.OrdinalIgnoreCase))
        {
            text = text[1..];
            text = text.StartsWith('-') || text.StartsWith('+') ? text[1..] : text;
            if (SkipDigits(ref text) == 0)
            {
                return false;
            }
        }

        return text.IsEmpty;
    }

    private static int SkipDigits(ref ReadOnlySpan<char> text)
    {
        var other = text.IndexOfAnyExceptInRange('0', '9');
        var count = other < 0 ? text.Length : other;
        text = text[count..];
        return count;
    }

    private static JsonValue? ReadOctal(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty || digits.Length > 20 || digits.ContainsAnyExceptInRange('0', '7'))
        {
            return null;
        }

        var value = 0L;
        foreach (var digit in digits)
        {
            value = (value << 3) | (uint)(digit - '0');
        }

        return JsonValue.Create(value);
    }
}
