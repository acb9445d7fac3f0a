namespace ForkGuard.Cli.Output;

/// <summary>Text that has to fit.</summary>
internal static class TerminalText
{
    private const string Indentation = "  ";

    /// <summary>At most so many characters; what is cut is marked by an ellipsis.</summary>
    internal static string Fit(string text, int width) =>
        text.Length <= width ? text
        : width <= 1 ? text[..Math.Max(width, 0)]
        : text[..(width - 1)] + "…";

    /// <summary>The same for paths, whose end matters more than their beginning.</summary>
    internal static string FitEnd(string text, int width) =>
        text.Length <= width || width <= 1 ? Fit(text, width) : "…" + text[^(width - 1)..];

    /// <summary>Lines of at most so many characters, broken between words where that can be.</summary>
    internal static IEnumerable<string> Lines(string text, int width)
    {
        width = Math.Max(width, 1);
        while (text.Length > width)
        {
            var space = text.LastIndexOf(' ', width);
            var end = space > 0 ? space : width;
            yield return text[..end];
            text = text[end..].TrimStart(' ');
        }

        yield return text;
    }

    /// <summary>The same, with an indentation of the second and later lines.</summary>
    internal static IEnumerable<string> IndentedLines(string text, int width) =>
        text.Length <= width
            ? [text]
            : Lines(text, width - Indentation.Length).Select((line, i) => i == 0 ? line : Indentation + line);
}
