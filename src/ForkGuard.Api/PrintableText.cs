using System.Globalization;
using System.Text;

namespace ForkGuard.Api;

/// <summary>Makes text from outside safe to print: a manifest must not be able to steer the terminal or the log.</summary>
public static class PrintableText
{
    private const int MaxQuote = 80;

    /// <summary>
    /// Writes control, format (such as right-to-left override) and line-separating characters as <c>\u001b</c>.
    /// </summary>
    /// <param name="text">Any text; half a surrogate pair becomes U+FFFD.</param>
    /// <param name="longest">UTF-16 units after which the text is cut and <c>…</c> put.</param>
    public static string Escape(string text, int longest = int.MaxValue)
    {
        var printable = new StringBuilder(Math.Min(text.Length, longest));
        var taken = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (taken + rune.Utf16SequenceLength > longest)
            {
                return printable.Append('…').ToString();
            }

            taken += rune.Utf16SequenceLength;
            Append(printable, rune);
        }

        return printable.ToString();
    }

    /// <summary>The text in quotes, escaped, and cut after 80 characters.</summary>
    public static string Quote(string text) => $"\"{Escape(text, MaxQuote)}\"";

    private static void Append(StringBuilder printable, Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.Control:
            case UnicodeCategory.Format:
            case UnicodeCategory.LineSeparator:
            case UnicodeCategory.ParagraphSeparator:
                printable.Append(rune.IsBmp ? "\\u" : "\\U");
                printable.Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
                break;
            default:
                printable.Append(rune);
                break;
        }
    }
}
