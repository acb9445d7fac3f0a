using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>Ports for servers of the tests.</summary>
public static class LoopbackPort
{
    // Below those that the kernel gives to connections (ip_local_port_range), so that a server that was stopped finds its
    // port free when it starts again.
    private const int First = 18_000;
    private const int End = 32_000;

    /// <summary>A port that nobody listens on now.</summary>
    public static int FindFree()
    {
        while (true)
        {
            int port = RandomNumberGenerator.GetInt32(First, End);
            using TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }
}
