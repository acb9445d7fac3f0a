using System.Buffers;
using System.Net;
using System.Text.Json;

namespace ForkGuard.ControllerRuntime;

/// <summary>A line of a watch.</summary>
internal enum WatchEventType
{
    /// <summary>The object came or changed.</summary>
    Put,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>One line of a watch: <c>{"type": ..., "object": ...}</c>. Its object is valid until it is disposed of.</summary>
internal sealed class WatchEvent : IDisposable
{
    private readonly JsonDocument _line;

    private WatchEvent(JsonDocument line, WatchEventType type, JsonElement held)
    {
        _line = line;
        Type = type;
        Object = held;
    }

    public WatchEventType Type { get; }
    public JsonElement Object { get; }

    /// <summary>An error event has the reason for which the watch ends.</summary>
    public WatchEnd End
    {
        get
        {
            int code =
                Object.TryGetProperty("code", out JsonElement number) && number.TryGetInt32(out int value) ? value : 0;
            string? message = Object.TryGetProperty("message", out JsonElement text) ? text.ToString() : null;
            return new(
                code == (int)HttpStatusCode.Gone ? WatchEnding.Expired : WatchEnding.ServerError,
                $"{code} {message}"
            );
        }
    }

    /// <summary>Null if the line is not what a watch sends.</summary>
    public static WatchEvent? Parse(in ReadOnlySequence<byte> line)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (
                root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("type", out JsonElement type)
                && root.TryGetProperty("object", out JsonElement held)
                && held.ValueKind == JsonValueKind.Object
                && TypeOf(type.ToString()) is { } known
                && (known == WatchEventType.Error || ObjectHeader.Read(held) is not null)
            )
            {
                WatchEvent parsed = new(document, known, held);
                document = null;
                return parsed;
            }

            return null;
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            document?.Dispose();
        }
    }

    public void Dispose() => _line.Dispose();

    private static WatchEventType? TypeOf(string type) =>
        type switch
        {
            "ADDED" or "MODIFIED" => WatchEventType.Put,
            "DELETED" => WatchEventType.Deleted,
            "BOOKMARK" => WatchEventType.Bookmark,
            "ERROR" => WatchEventType.Error,
            _ => null,
        };
}
