using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.Agent.Output;

/// <summary>One JSON object per line on standard output.</summary>
internal static class JsonLines
{
    // Control characters stay escaped; letters of other scripts and quotes within words stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Write(JsonObject line) => Write(Console.Out, line);

    internal static void Write(TextWriter to, JsonObject line)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            line.WriteTo(writer);
        }

        to.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
