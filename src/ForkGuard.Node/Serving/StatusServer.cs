using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ForkGuard.Node.Serving;

/// <summary>The answer to a path.</summary>
internal sealed record StatusPage(int Code, string ContentType, byte[] Body);

/// <summary>
/// Answers GET and HEAD of a few paths over HTTP/1, one request a connection, with bounds on how many, how long and how much.
/// ASP.NET Core would cost more than the whole agent may, and HttpListener cannot listen on all addresses of IPv6.
/// </summary>
internal sealed class StatusServer(IPEndPoint endpoint, Func<string, StatusPage?> pageOf, TimeProvider time)
    : IDisposable
{
    private const int MostConnections = 32;
    private const int LongestRequest = 8 * 1024;
    private const int Backlog = 64;
    private static readonly TimeSpan LongestExchange = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly IPEndPoint _endpoint = Available(endpoint, Socket.OSSupportsIPv6);
    private readonly Socket _listener = new(
        Available(endpoint, Socket.OSSupportsIPv6).AddressFamily,
        SocketType.Stream,
        ProtocolType.Tcp
    );
    private readonly SemaphoreSlim _free = new(MostConnections);

    /// <summary>Where it listens; the port is the one that was found if 0 was asked for.</summary>
    internal IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <exception cref="SocketException">The address is not of this machine, or taken.</exception>
    internal void Listen()
    {
        if (_endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            _listener.DualMode = true;
        }

        _listener.Bind(_endpoint);
        _listener.Listen(Backlog);
    }

    /// <summary>Returns the endpoint; on a machine without IPv6, all addresses are those of IPv4.</summary>
    internal static IPEndPoint Available(IPEndPoint endpoint, bool hasIPv6) =>
        !hasIPv6 && endpoint.Address.Equals(IPAddress.IPv6Any)
            ? new IPEndPoint(IPAddress.Any, endpoint.Port)
            : endpoint;

    /// <exception cref="OperationCanceledException">It was stopped; it does not end otherwise.</exception>
    internal async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await _free.WaitAsync(stop);
            try
            {
                _ = AnswerAsync(await _listener.AcceptAsync(stop), stop);
            }
            catch (SocketException)
            {
                // No descriptor is free, or the peer has gone.
                _free.Release();
                await Task.Delay(AfterFailure, time, stop);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _free.Dispose();
    }

    private async Task AnswerAsync(Socket connection, CancellationToken stop)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(LongestExchange);
            var request = await ReadRequestAsync(connection, limit.Token);
            var page = request is null
                ? Text(400, "only GET and HEAD of HTTP/1 are answered here\n")
                : pageOf(request.Path) ?? Text(404, "there is /healthz, /readyz and /metrics\n");
            await SendAsync(connection, page, request is { IsHead: true }, limit.Token);
            connection.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The peer has gone, or took too long.
        }
        finally
        {
            connection.Dispose();
            if (!stop.IsCancellationRequested)
            {
                _free.Release();
            }
        }
    }

    internal static StatusPage Text(int code, string text) =>
        new(code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    private static async Task<Request?> ReadRequestAsync(Socket connection, CancellationToken stop)
    {
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (length < buffer.Length)
        {
            var n = await connection.ReceiveAsync(buffer.AsMemory(length), stop);
            if (n == 0)
            {
                return null;
            }

            length += n;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                return Parse(buffer.AsSpan(0, length));
            }
        }

        return null;
    }

    private static Request? Parse(ReadOnlySpan<byte> request)
    {
        var line = Encoding.ASCII.GetString(request[..request.IndexOf("\r\n"u8)]);
        return line.Split(' ') is [("GET" or "HEAD") and var method, var target, "HTTP/1.1" or "HTTP/1.0"]
            ? new Request(target.Split('?')[0], method == "HEAD")
            : null;
    }

    private static async Task SendAsync(Socket connection, StatusPage page, bool isHead, CancellationToken stop)
    {
        var head =
            $"HTTP/1.1 {page.Code} {(HttpStatusCode)page.Code}\r\nContent-Type: {page.ContentType}\r\nContent-Length: {page.Body.Length}\r\nConnection: close\r\n\r\n";
        byte[] all = isHead ? Encoding.ASCII.GetBytes(head) : [.. Encoding.ASCII.GetBytes(head), .. page.Body];
        for (var sent = 0; sent < all.Length; )
        {
            sent += await connection.SendAsync(all.AsMemory(sent), stop);
        }
    }

    private sealed record Request(string Path, bool IsHead);
}
