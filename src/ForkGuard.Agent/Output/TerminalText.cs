using System.Globalization;
using System.Text;

namespace ForkGuard.Agent.Output;

/// <summary>Names that come from other programs, made safe to show: no name may move the cursor or turn the text around.</summary>
internal static class TerminalText
{
    internal static string Safe(string text)
    {
        if (!text.EnumerateRunes().Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune))
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                safe.Append(rune.ToString());
            }
        }

        return safe.ToString();
    }

    /// <summary>At most so many characters; what is cut is marked by an ellipsis.</summary>
    internal static string Fit(string text, int width) =>
        text.Length <= width ? text
        : width <= 1 ? text[..Math.Max(width, 0)]
        : text[..(width - 1)] + "…";

    private static bool IsUnsafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse;
}
