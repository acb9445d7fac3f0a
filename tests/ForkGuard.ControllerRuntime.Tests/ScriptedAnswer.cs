using System.Net.Sockets;
using System.Text;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>One answer of a <see cref="ScriptedServer"/>; the connection ends with it.</summary>
internal sealed class ScriptedAnswer(TcpClient client, CancellationToken testEnds)
{
    /// <summary>A whole answer.</summary>
    public Task SendAsync(string status, string body, params string[] headers) =>
        WriteAsync(
            $"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n"
                + string.Concat(headers.Select(header => header + "\r\n"))
                + "\r\n"
                + body
        );

    /// <summary>A list of the tests' own kind.</summary>
    public Task SendListAsync(string version, params string[] items) =>
        SendAsync(
            "200 OK",
            $$"""{"kind":"GaugeList","metadata":{"resourceVersion":"{{version}}"},"items":[{{string.Join(',', items)}}]}"""
        );

    /// <summary>The beginning of a watch: each line is one chunk.</summary>
    public async Task StartWatchAsync(params string[] lines)
    {
        await WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        foreach (string line in lines)
        {
            await SendPieceAsync(line + "\n");
        }
    }

    /// <summary>A piece of a watch that need not end with a line.</summary>
    public Task SendPieceAsync(string piece) => WriteAsync($"{Encoding.UTF8.GetByteCount(piece):x}\r\n{piece}\r\n");

    /// <summary>Ends a watch in good order.</summary>
    public Task EndWatchAsync() => WriteAsync("0\r\n\r\n");

    /// <summary>Breaks the connection, as a server that dies does.</summary>
    public void Reset() => client.Client.Close(timeout: 0);

    /// <summary>Says nothing more until the test is over.</summary>
    public Task StayAsync() => Task.Delay(Timeout.InfiniteTimeSpan, testEnds);

    /// <summary>The object as the server would have it.</summary>
    public static string Gauge(string name, string version, string uid = "") =>
        $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"test","uid":"{{{(
                uid.Length > 0 ? uid : name
            )}}}","resourceVersion":"{{{version}}}"},"spec":{"target":1}}
            """;

    public static string Event(string type, string held) => $$"""{"type":"{{type}}","object":{{held}}}""";

    private async Task WriteAsync(string text) =>
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), testEnds);
}
