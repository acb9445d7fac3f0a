using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.Cli.Output;

/// <summary>One JSON object per line on standard output.</summary>
internal static class JsonLines
{
    // Control characters are escaped by it; letters of other scripts and quotes within words stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A terminal that shows the line must not be turned around by a name in it.
    private static string WithoutFormatCharacters(string json) =>
        json.EnumerateRunes().Any(IsFormat)
            ? string.Concat(json.EnumerateRunes().Select(r => IsFormat(r) ? Escaped(r) : r.ToString()))
            : json;

    private static bool IsFormat(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static string Escaped(Rune rune) =>
        string.Concat(
            rune.ToString().Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"))
        );

    internal static void Write(JsonObject line) => Write(Console.Out, line);

    internal static void Write(TextWriter to, JsonObject line)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            line.WriteTo(writer);
        }

        to.WriteLine(WithoutFormatCharacters(Encoding.UTF8.GetString(buffer.WrittenSpan)));
    }
}
