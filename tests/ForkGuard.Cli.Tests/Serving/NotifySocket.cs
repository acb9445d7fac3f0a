using System.Net.Sockets;
using System.Text;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary>The socket of a service manager (sd_notify(3)).</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-notify-");

    public NotifySocket(bool isAbstract)
    {
        var name = Path.Combine(_folder.FullName, "notify");
        Variable = isAbstract ? $"@{name}" : name;
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name}" : name));
    }

    /// <summary>The value of NOTIFY_SOCKET.</summary>
    public string Variable { get; }

    public IReadOnlyDictionary<string, string> Environment(TimeSpan? watchdog = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = Variable };
        if (watchdog is { } timeout)
        {
            environment["WATCHDOG_USEC"] = Check.Text((int)timeout.TotalMicroseconds);
        }

        return environment;
    }

    /// <summary>Receives until a message has a line that begins so, and returns the message.</summary>
    public async Task<string> WaitForAsync(string beginOfLine)
    {
        var buffer = new byte[4096];
        var received = new List<string>();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Check.Stop);
        late.CancelAfter(Victim.Limit);
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(buffer, late.Token);
                received.Add(Encoding.UTF8.GetString(buffer, 0, length));
                if (received[^1].Split('\n').Any(line => line.StartsWith(beginOfLine, StringComparison.Ordinal)))
                {
                    return received[^1];
                }
            }
        }
        catch (OperationCanceledException expired)
        {
            throw new TimeoutException($"No {beginOfLine} but: {string.Join(" | ", received)}", expired);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }
}
