using System.Globalization;

namespace ForkGuard.Cli.Watching;

/// <summary>
/// A number that differs for different texts (FNV-1a). The hashes of .NET need OpenSSL, which a host may lack and which
/// takes more memory than all of a watch.
/// </summary>
internal static class Fingerprint
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    internal static string Of(string text)
    {
        var hash = Offset;
        foreach (var character in text)
        {
            hash = unchecked((hash ^ character) * Prime);
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
