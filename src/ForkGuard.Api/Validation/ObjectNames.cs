using System.Buffers;

namespace ForkGuard.Api.Validation;

/// <summary>How Kubernetes lets things be named (k8s.io/apimachinery/pkg/util/validation).</summary>
internal static class ObjectNames
{
    private const int MaxLabel = 63;
    private const int MaxSubdomain = 253;

    private static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789"
    );
    private static readonly SearchValues<char> InLabel = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>RFC 1123 label: namespaces and containers.</summary>
    public static bool IsLabel(ReadOnlySpan<char> name) => name.Length <= MaxLabel && IsLabelOfAnyLength(name);

    /// <summary>RFC 1123 subdomain, whose parts Kubernetes lets be longer than 63: objects and the prefixes of label keys.</summary>
    public static bool IsSubdomain(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxSubdomain)
        {
            return false;
        }

        foreach (var part in name.Split('.'))
        {
            if (!IsLabelOfAnyLength(name[part]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The key of a label: a name of at most 63 characters, after an optional subdomain and a slash.</summary>
    public static bool IsLabelKey(ReadOnlySpan<char> key)
    {
        var slash = key.IndexOf('/');
        return (slash < 0 || IsSubdomain(key[..slash])) && key.Length > slash + 1 && IsLabelValue(key[(slash + 1)..]);
    }

    /// <summary>The value of a label: at most 63 characters, or empty.</summary>
    public static bool IsLabelValue(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            return true;
        }

        if (value.Length > MaxLabel || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            return false;
        }

        foreach (var character in value)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    public static string MustBeLabel(string given) =>
        $"is {PrintableText.Quote(given)} but must be 1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends";

    public static string MustBeSubdomain(string given) =>
        $"is {PrintableText.Quote(given)} but must be 1 to 253 of a-z, 0-9, - and ., with a letter or digit at both ends of every part";

    public static string MustBeLabelKey(string given) =>
        $"{PrintableText.Quote(given)} is not a label key; it must be 1 to 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit at both ends, "
        + "after an optional DNS name and a slash";

    public static string MustBeLabelValue(string given) =>
        $"is {PrintableText.Quote(given)} but must be at most 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit at both ends";

    private static bool IsLabelOfAnyLength(ReadOnlySpan<char> name) =>
        !name.IsEmpty
        && !name.ContainsAnyExcept(InLabel)
        && LowerAlphanumeric.Contains(name[0])
        && LowerAlphanumeric.Contains(name[^1]);
}
