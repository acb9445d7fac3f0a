using System.Text.Json;
using System.Text.Json.Serialization;

namespace ForkGuard.Api;

/// <summary>
/// The pod of a reported process. A namespace or a name that is not known is left out: it is empty in the record. Some API servers
/// take an empty text for null, and refuse the whole report.
/// </summary>
internal sealed class PodOfProcessConverter : JsonConverter<PodReference>
{
    public override PodReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("must be an object");
        }

        PodReference pod = new() { Namespace = "", Name = "" };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString();
            _ = reader.Read();
            switch (property)
            {
                case "namespace":
                    pod = pod with { Namespace = reader.GetString() ?? "" };
                    break;
                case "name":
                    pod = pod with { Name = reader.GetString() ?? "" };
                    break;
                case "uid":
                    pod = pod with { Uid = reader.GetString() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return pod;
    }

    public override void Write(Utf8JsonWriter writer, PodReference value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        WriteText(writer, "namespace", value.Namespace);
        WriteText(writer, "name", value.Name);
        WriteText(writer, "uid", value.Uid);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string property, string? text)
    {
        if (text is { Length: > 0 })
        {
            writer.WriteString(property, text);
        }
    }
}
