using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CommunityToolkit.HighPerformance.Buffers;
using ForkGuard.Api;

namespace ForkGuard.Controller.Cluster;

/// <summary>
/// Reads equal short strings as one: the caches hold the same namespaces, commands, labels and conditions tens of thousands
/// of times.
/// </summary>
internal sealed class SharedStrings : JsonConverter<string>
{
    /// <summary>A longer string, such as a uid or the id of a container, is rarely there twice.</summary>
    private const int MaxBytes = 32;

    private readonly StringPool _pool = new(minimumSize: 16 * 1024);

    private SharedStrings() { }

    private static SharedStrings Instance { get; } = new();

    /// <summary>How a type of a source-generated context is read with shared strings.</summary>
    internal static JsonTypeInfo<T> In<T>(JsonSerializerContext context)
    {
        var options = new JsonSerializerOptions(context.Options) { TypeInfoResolver = context };
        options.Converters.Add(Instance);
        options.Converters.Add(new ExactArrays<ConstraintReport>());
        options.Converters.Add(new ExactArrays<PodContainer>());
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Share(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    public override string ReadAsPropertyName(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => Share(ref reader)!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    private string? Share(ref Utf8JsonReader reader) =>
        reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > MaxBytes
            ? reader.GetString()
            : _pool.GetOrAdd(reader.ValueSpan, Encoding.UTF8);
}
