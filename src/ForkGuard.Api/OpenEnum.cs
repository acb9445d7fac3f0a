using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ForkGuard.Api;

/// <summary>A value of an enum that a later version may extend: text that this version does not know is carried, never an error.</summary>
/// <typeparam name="T">The enum of this version; its names are the texts.</typeparam>
public readonly record struct OpenEnum<T>
    where T : struct, Enum
{
    private readonly string? _text;

    public OpenEnum(string? text) => _text = text;

    /// <summary>The text as it is in the API; empty if there was none.</summary>
    public string Text => _text ?? "";

    /// <summary>The value in this version; null for a text that this version does not know.</summary>
    public T? Known => Enum.TryParse<T>(Text, out var value) && IsNameOf(value) ? value : null;

    public static implicit operator OpenEnum<T>(T value) => new(value.ToString());

    [SuppressMessage(
        "Design",
        "CA1000",
        Justification = "The alternate of the implicit conversion, which CA2225 asks for."
    )]
    public static OpenEnum<T> ToOpenEnum(T value) => value;

    public override string ToString() => Text;

    // Enum.TryParse also takes numbers, spaces around a name and lists of names.
    private bool IsNameOf(T value) => string.Equals(Enum.GetName(value), Text, StringComparison.Ordinal);
}

/// <summary>Reads and writes the text. A cluster has the same few texts tens of thousands of times: each known one is read as one string.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class OpenEnumConverter<T> : JsonConverter<OpenEnum<T>>
    where T : struct, Enum
{
    private static readonly string[] Names = Enum.GetNames<T>();

    public override OpenEnum<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException($"must be a string, such as {Names[0]}");
        }

        foreach (var name in Names)
        {
            if (reader.ValueTextEquals(name))
            {
                return new OpenEnum<T>(name);
            }
        }

        return new OpenEnum<T>(reader.GetString());
    }

    public override void Write(Utf8JsonWriter writer, OpenEnum<T> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text);
}
