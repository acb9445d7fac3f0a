namespace ForkGuard.Agent.Output;

/// <summary>Text that has to fit.</summary>
internal static class TerminalText
{
    /// <summary>At most so many characters; what is cut is marked by an ellipsis.</summary>
    internal static string Fit(string text, int width) =>
        text.Length <= width ? text
        : width <= 1 ? text[..Math.Max(width, 0)]
        : text[..(width - 1)] + "…";
}
