namespace ForkGuard.Api;

/// <summary>Bounds a path for a report. Different paths have different texts.</summary>
public static class BoundedPath
{
    /// <summary>Length of the longest text, in UTF-16 units; the CRDs have the same.</summary>
    public const int MaxLength = 256;

    private const char Cut = '…';

    /// <summary>
    /// Returns a path of up to 256 characters as it is, and a longer one as <c>…</c>, 16 hexadecimal digits of the hash of the
    /// whole path, <c>…</c> and its end, without half a pair of surrogates. A text that <see cref="Of"/> returned stays.
    /// </summary>
    public static string Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length <= MaxLength)
        {
            return path;
        }

        var head = FormattableString.Invariant($"{Cut}{Hash(path):x16}{Cut}");
        var start = path.Length - (MaxLength - head.Length);
        return head + path[(char.IsLowSurrogate(path[start]) ? start + 1 : start)..];
    }

    /// <summary>Reports whether the beginning of the path is missing.</summary>
    public static bool IsCut(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith(Cut);
    }

    /// <summary>FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/: the same on every machine.</summary>
    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text)
        {
            hash = unchecked((hash ^ unit) * 1099511628211UL);
        }

        return hash;
    }
}
