using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>
/// Answers requests in the order of a script: for faults that a real API server does not show. The last line of the script is
/// repeated.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly Func<ScriptedAnswer, Task>[] _script;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _accepting;
    private int _next;

    public ScriptedServer(params Func<ScriptedAnswer, Task>[] script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The request lines, unescaped.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _ends.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> conversations = [];
        try
        {
            while (true)
            {
                conversations.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ends.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                if (await reader.ReadLineAsync(_ends.Token) is not { } request)
                {
                    return;
                }

                while (await reader.ReadLineAsync(_ends.Token) is { Length: > 0 })
                {
                    // Headers say nothing that the script depends on.
                }

                _requests.Enqueue(Uri.UnescapeDataString(request));
                int turn = Interlocked.Increment(ref _next) - 1;
                await _script[Math.Min(turn, _script.Length - 1)](new(client, _ends.Token));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The client left, or the test is over.
            }
        }
    }
}
