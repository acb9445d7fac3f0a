using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ForkGuard.Controller.Cluster;

/// <summary>Reads a list as an array of its length. The caches hold tens of thousands of lists with one entry, and a list has room for four.</summary>
/// <typeparam name="T">The entries.</typeparam>
internal sealed class ExactArrays<T> : JsonConverter<IReadOnlyList<T>>
{
    public override IReadOnlyList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("must be a list");
        }

        var entry = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        List<T> entries = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            entries.Add(JsonSerializer.Deserialize(ref reader, entry)!);
        }

        return entries.ToArray();
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options)
    {
        var entry = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        writer.WriteStartArray();
        foreach (var item in value)
        {
            JsonSerializer.Serialize(writer, item, entry);
        }

        writer.WriteEndArray();
    }
}
