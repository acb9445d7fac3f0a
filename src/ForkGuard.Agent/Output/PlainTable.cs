using System.Text;

namespace ForkGuard.Agent.Output;

/// <summary>Rows in columns as wide as their widest cell; the last column is cut at the right edge.</summary>
internal static class PlainTable
{
    internal static void Write(TextWriter to, IReadOnlyList<string> headings, IReadOnlyList<string[]> rows, int columns)
    {
        var widths = headings
            .Select((heading, i) => rows.Select(r => r[i].Length).Append(heading.Length).Max())
            .ToArray();
        foreach (var row in rows.Prepend([.. headings]))
        {
            to.WriteLine(TerminalText.Fit(Line(row, widths), columns));
        }
    }

    private static string Line(string[] row, int[] widths)
    {
        var line = new StringBuilder();
        for (var i = 0; i < row.Length; i++)
        {
            var isLast = i == row.Length - 1;
            line.Append(
                ProcessRow.IsNumeric(i) ? row[i].PadLeft(widths[i])
                : isLast ? row[i]
                : row[i].PadRight(widths[i])
            );
            line.Append(isLast ? "" : "  ");
        }

        return line.ToString();
    }
}
