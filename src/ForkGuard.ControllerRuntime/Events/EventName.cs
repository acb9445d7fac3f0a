using System.Security.Cryptography;
using System.Text;

namespace ForkGuard.ControllerRuntime;

/// <summary>The name of an event: it follows from what the event is about, and nothing else.</summary>
internal static class EventName
{
    // A DNS subdomain, as every name of an object (RFC 1123).
    private const int MaximalLength = 253;
    private const int HashBytes = 8;

    /// <summary>The object's name, so that a list of events can be read, and a hash of the rest.</summary>
    public static string Of(string name, params ReadOnlySpan<string> parts)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
        string suffix = $".{Convert.ToHexStringLower(hash.AsSpan(0, HashBytes))}";
        return name[..Math.Min(name.Length, MaximalLength - suffix.Length)].TrimEnd('.', '-') + suffix;
    }
}
