using System.Globalization;
using System.Text.Json.Nodes;

namespace ForkGuard.Agent.Reporting;

/// <summary>
/// The agent's log: a line with the time in UTC, or a JSON object with the fields of the controller's log. A lasting state is
/// logged when it begins, when it becomes another, and when it ends, and not in between. For several threads.
/// </summary>
internal sealed class AgentLog(TextWriter to, TimeProvider time, bool isJson = false)
{
    private const string Category = "ForkGuard.Agent";
    private const string Level = "Information";

    private readonly Lock _guard = new();
    private readonly Dictionary<string, string> _lasting = new(StringComparer.Ordinal);

    internal void Append(string message)
    {
        lock (_guard)
        {
            Write(message);
        }
    }

    /// <param name="topic">The subject of the line.</param>
    /// <param name="state">In a word; null once all is well.</param>
    /// <param name="message">Written if the state is another one than before.</param>
    internal void AppendOnce(string topic, string? state, string message)
    {
        lock (_guard)
        {
            if (_lasting.GetValueOrDefault(topic) == state)
            {
                return;
            }

            if (state is null)
            {
                _lasting.Remove(topic);
            }
            else
            {
                _lasting[topic] = state;
            }

            Write(message);
        }
    }

    private void Write(string message)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        try
        {
            to.WriteLine(isJson ? JsonOf(now, message) : $"{now} {message}");
            to.Flush();
        }
        catch (IOException)
        {
            // Standard error has no reader any more, which is not a reason to stop scanning.
        }
    }

    private static string JsonOf(string now, string message) =>
        new JsonObject
        {
            ["Timestamp"] = now,
            ["LogLevel"] = Level,
            ["Category"] = Category,
            ["Message"] = message,
        }.ToJsonString();
}
