using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ForkGuard.Api;
using ForkGuard.Node.Serving;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary>The option <c>--listen</c>, and the server that it asks for.</summary>
internal static class ListenOption
{
    private const string Name = "--listen";

    internal static Option<IPEndPoint?> Create(string description) =>
        new(Name)
        {
            Description = description,
            HelpName = "ADDRESS:PORT",
            CustomParser = Parse,
        };

    /// <summary>Returns a server that listens; null, with the cause and the cure on standard error, if it cannot.</summary>
    internal static StatusServer? TryListen(IPEndPoint endpoint, Func<string, StatusPage?> pageOf, TimeProvider time)
    {
        StatusServer? server = null;
        try
        {
            server = new StatusServer(endpoint, pageOf, time);
            server.Listen();
            return server;
        }
        catch (SocketException e)
        {
            server?.Dispose();
            StandardError.WriteLine($"{Name} {endpoint}: {Explain(e, endpoint)}");
            return null;
        }
    }

    private static IPEndPoint? Parse(ArgumentResult result)
    {
        var word = result.Tokens[0].Value;
        var colon = word.LastIndexOf(':');
        if (
            colon > 0
            && TryParseAddress(word[..colon], out var address)
            && ushort.TryParse(word[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        )
        {
            return new IPEndPoint(address, port);
        }

        result.AddError(
            $"{Name} is {PrintableText.Quote(word)} but must be ADDRESS:PORT with an IP address, such as 0.0.0.0:8080 or [::]:8080"
        );
        return null;
    }

    // The parser of addresses also takes 1 for 0.0.0.1, and ::1 without its brackets.
    private static bool TryParseAddress(string word, out IPAddress address) =>
        IPAddress.TryParse(word, out address!)
        && (
            address.AddressFamily == AddressFamily.InterNetworkV6
                ? word is ['[', .., ']']
                : string.Equals(address.ToString(), word, StringComparison.Ordinal)
        );

    private static string Explain(SocketException e, IPEndPoint endpoint) =>
        e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"port {endpoint.Port} is in use; use another port, or stop the program that `ss -ltnp` lists for it",
            SocketError.AddressNotAvailable =>
                $"{endpoint.Address} is not an address of this machine; use one of `ip address`, or 0.0.0.0 or [::] for all",
            SocketError.AccessDenied =>
                $"port {endpoint.Port} is privileged; use a port from 1024 on, or run with CAP_NET_BIND_SERVICE",
            SocketError.AddressFamilyNotSupported => "IPv6 is disabled on this machine; use an IPv4 address",
            _ => e.Message,
        };
}
