using System.Text;

namespace ForkGuard.Cli.Output;

/// <summary>
/// Rows in columns as wide as their widest cell. Where they do not fit, columns are left out, and the last one is cut at the
/// right edge.
/// </summary>
internal static class ProcessTable
{
    private const int Gap = 2;

    /// <summary>The heading and a line for each row, each at most <paramref name="columns"/> wide.</summary>
    internal static IReadOnlyList<string> Lines(IReadOnlyList<string[]> rows, int columns)
    {
        string[][] all = [ProcessRow.Headings, .. rows];
        var widths = Enumerable.Range(0, ProcessRow.Headings.Length).Select(i => all.Max(row => row[i].Length)).ToArray();
        var shown = Enumerable.Range(0, widths.Length).ToList();
        foreach (var column in ProcessRow.Dispensable.TakeWhile(_ => Width(shown, widths) > columns))
        {
            shown.Remove(column);
        }

        return [.. all.Select(row => TerminalText.Fit(Line(row, shown, widths), columns))];
    }

    private static int Width(List<int> shown, int[] widths) => shown.Sum(i => widths[i] + Gap) - Gap;

    private static string Line(string[] row, List<int> shown, int[] widths)
    {
        var line = new StringBuilder();
        foreach (var column in shown)
        {
            line.Append(
                ProcessRow.IsNumeric(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])
            );
            line.Append(' ', Gap);
        }

        return line.ToString().TrimEnd();
    }
}
