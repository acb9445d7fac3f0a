using ForkGuard.Api;

namespace ForkGuard.Node.Readings;

/// <summary>Cuts names from the node: 64 processes must not make an object that the API server refuses.</summary>
internal static class BoundedText
{
    private const int MaxName = 256;
    private const int MaxProblem = 500;

    /// <summary>The text, cut after 256 characters with <c>…</c> put, and no pair of surrogates cut in two.</summary>
    internal static string? Of(string? text) => text is null ? null : Cut(text, MaxName);

    /// <summary>A sentence that holds a path from the node: escaped, and cut after 500 characters.</summary>
    internal static string OfProblem(string text) => PrintableText.Escape(Cut(text, MaxProblem / 2), MaxProblem);

    private static string Cut(string text, int max) =>
        text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 2]) ? max - 2 : max - 1)] + "…";
}
