using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>
/// A server on the loopback that answers as it is told, for what a real one cannot be made to do. Answers as the real one
/// would until then.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    internal const string Node = "node-1";
    private readonly CancellationTokenSource _stop = new();
    private readonly List<JsonObject> _written = [];
    private readonly List<Task> _exchanges = [];
    private readonly Lock _guard = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-fake-");
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _away = new();
    private Task _accepting;
    private int _requests;

    public FakeApiServer()
    {
        _listener.Start();
        Endpoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync(_listener, _away.Token);
    }

    /// <summary>The spec that answers carry back.</summary>
    public JsonObject Spec { get; set; } = new() { ["scanSeconds"] = 1 };

    /// <summary>The status that an earlier agent has written; null for none.</summary>
    public JsonObject? Earlier { get; set; }

    /// <summary>Bytes to answer in place of the report; null for the report. An empty one is never answered.</summary>
    public byte[]? Fault { get; set; }

    public IPEndPoint Endpoint { get; }

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The statuses that were written, in order.</summary>
    public IReadOnlyList<JsonObject> Written
    {
        get
        {
            lock (_guard)
            {
                return [.. _written];
            }
        }
    }

    /// <summary>The newest process of a name that was written; null if there is none.</summary>
    public JsonObject? Process(string command) =>
        Written is [.., var newest]
            ? newest["processes"]!
                .AsArray()
                .Select(p => p!.AsObject())
                .FirstOrDefault(p => string.Equals((string?)p["command"], command, StringComparison.Ordinal))
            : null;

    /// <summary>The constraint of a type of a process that was written; null if it has none.</summary>
    public static JsonObject? Constraint(JsonObject? process, string type) =>
        process?["constraints"]?.AsArray().Select(c => c!.AsObject()).FirstOrDefault(c => (string?)c["type"] == type);

    public static byte[] Status(int code, string message, string headers = "") =>
        Http(code, $$"""{"kind":"Status","apiVersion":"v1","message":"{{message}}","code":{{code}}}""", headers);

    public static byte[] Http(int code, string body, string headers = "") =>
        Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}"
        );

    public string WriteKubeconfig()
    {
        var file = Path.Combine(_folder.FullName, "kubeconfig");
        File.WriteAllText(
            file,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: fake
            clusters: [{ name: fake, cluster: { server: "http://{{Endpoint}}" } }]
            users: [{ name: fake, user: { token: secret } }]
            contexts: [{ name: fake, context: { cluster: fake, user: fake } }]
            """
        );
        // For an agent that runs as another user.
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        }

        return file;
    }

    /// <summary>Refuses connections, as a server that is away.</summary>
    public async Task GoAwayAsync()
    {
        await _away.CancelAsync();
        await _accepting;
        _listener.Stop();
    }

    public void ComeBack()
    {
        _listener = new TcpListener(Endpoint);
        _listener.Start();
        _away.Dispose();
        _away = new CancellationTokenSource();
        _accepting = AcceptAsync(_listener, _away.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await GoAwayAsync();
        await Task.WhenAll(_exchanges);
        _away.Dispose();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken away)
    {
        try
        {
            while (true)
            {
                _exchanges.Add(ExchangeAsync(await listener.AcceptTcpClientAsync(away)));
            }
        }
        catch (OperationCanceledException)
        {
            // It went away.
        }
    }

    private async Task ExchangeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            var stream = client.GetStream();
            while (await ReadAsync(stream) is { } request)
            {
                Interlocked.Increment(ref _requests);
                if (Fault is { Length: 0 })
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }

                var answer = Fault ?? Take(request);
                await stream.WriteAsync(answer, _stop.Token);
                if (Fault is not null)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The agent has gone, or the test is over.
        }
    }

    private byte[] Take((string Line, string Body) request)
    {
        if (request.Line.StartsWith("PATCH ", StringComparison.Ordinal))
        {
            var operation = Assert.Single(JsonNode.Parse(request.Body)!.AsArray())!.AsObject();
            Assert.Equal(("add", "/status"), ((string?)operation["op"], (string?)operation["path"]));
            lock (_guard)
            {
                _written.Add(operation["value"]!.DeepClone().AsObject());
            }
        }

        var report = new JsonObject
        {
            ["apiVersion"] = "forkguard.io/v1alpha1",
            ["kind"] = "NodeForkReport",
            ["metadata"] = new JsonObject { ["name"] = Node },
            ["spec"] = Spec.DeepClone(),
        };
        if (Earlier is { } earlier)
        {
            report["status"] = earlier.DeepClone();
        }

        return Http(200, report.ToJsonString());
    }

    private async Task<(string Line, string Body)?> ReadAsync(NetworkStream stream)
    {
        var buffer = new List<byte>();
        var chunk = new byte[64 * 1024];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. buffer]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && buffer.Count >= end + 4 + LengthOf(text[..end]))
            {
                return (text[..text.IndexOf('\r')], Encoding.UTF8.GetString([.. buffer.Skip(end + 4)]));
            }

            var n = await stream.ReadAsync(chunk, _stop.Token);
            if (n == 0)
            {
                return null;
            }

            buffer.AddRange(chunk.AsSpan(0, n));
        }
    }

    private static int LengthOf(string head) =>
        head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line["Content-Length: ".Length..], CultureInfo.InvariantCulture))
            .FirstOrDefault();
}
