using System.Security.Cryptography;
using System.Text;
using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Names of ForkRestart objects.</summary>
public static class RestartNames
{
    private const int MaxNameLength = 150;

    /// <summary>
    /// The name of a workload's record: its kind and name, readable, and a hash of group, kind and name. The version of the
    /// group is not part of it.
    /// </summary>
    public static string Of(RestartOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var group = GroupOf(owner.ApiVersion);
        var hash = Hash($"{group}\n{owner.Kind}\n{owner.Name}");
        var name = owner.Name.Length > MaxNameLength ? owner.Name[..MaxNameLength] : owner.Name;
        return $"{Readable(owner.Kind)}-{Readable(name)}-{hash}";
    }

    /// <summary>The record belongs to the workload.</summary>
    public static bool IsOf(ForkRestart record, RestartOwner owner)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(owner);
        var named = record.Spec.Owner;
        return string.Equals(GroupOf(named.ApiVersion), GroupOf(owner.ApiVersion), StringComparison.Ordinal)
            && string.Equals(named.Kind, owner.Kind, StringComparison.Ordinal)
            && string.Equals(named.Name, owner.Name, StringComparison.Ordinal);
    }

    /// <summary>16 hexadecimal digits.</summary>
    public static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    private static string GroupOf(string apiVersion) =>
        apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";

    // Names of objects are lower-case letters, digits, - and . with neither at an end.
    private static string Readable(string text)
    {
        var readable = string.Concat(
            text.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-')
        );
        return readable.Trim('-') is { Length: > 0 } named ? named : "x";
    }
}
