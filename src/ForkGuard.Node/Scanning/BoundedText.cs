namespace ForkGuard.Node.Scanning;

/// <summary>Names from the node in a report: 64 processes must not make an object that the API server refuses.</summary>
internal static class BoundedText
{
    private const int Longest = 256;

    /// <summary>The text, cut after 256 characters with <c>…</c> put, and no pair of surrogates cut in two.</summary>
    internal static string? Of(string? text) =>
        text is null || text.Length <= Longest
            ? text
            : text[..(char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1)] + "…";
}
