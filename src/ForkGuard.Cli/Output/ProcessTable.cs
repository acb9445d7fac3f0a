using System.Text;

namespace ForkGuard.Cli.Output;

/// <summary>
/// Rows in columns as wide as their widest cell. Where they do not fit, columns are left out, and the last one is cut at the
/// right edge.
/// </summary>
internal static class ProcessTable
{
    private const int Gap = 2;
    private const int MinOwnerColumns = 12;

    /// <summary>The heading and a line for each row, each at most <paramref name="columns"/> wide.</summary>
    internal static IReadOnlyList<string> Lines(IReadOnlyList<string[]> rows, int columns)
    {
        string[][] all = [ProcessRow.Headings, .. rows];
        var widths = Enumerable
            .Range(0, ProcessRow.Headings.Length)
            .Select(i => all.Max(row => row[i].Length))
            .ToArray();
        var shown = Enumerable.Range(0, widths.Length).ToList();
        widths[ProcessRow.VerdictColumn] = Math.Min(widths[ProcessRow.VerdictColumn], ProcessRow.LongestVerdict);
        foreach (var column in ProcessRow.Dispensable)
        {
            if (Width(shown, widths) > columns && !TryShrink(shown, widths, columns))
            {
                shown.Remove(column);
            }
        }

        return [.. all.Select(row => TerminalText.Fit(Line(row, shown, widths), columns))];
    }

    /// <summary>The owner may lose its beginning, if that is enough.</summary>
    private static bool TryShrink(List<int> shown, int[] widths, int columns)
    {
        var width = widths[ProcessRow.OwnerColumn] - (Width(shown, widths) - columns);
        if (!shown.Contains(ProcessRow.OwnerColumn) || width < MinOwnerColumns)
        {
            return false;
        }

        widths[ProcessRow.OwnerColumn] = width;
        return true;
    }

    private static int Width(List<int> shown, int[] widths) => shown.Sum(i => widths[i] + Gap) - Gap;

    private static string Line(string[] row, List<int> shown, int[] widths)
    {
        var line = new StringBuilder();
        foreach (var column in shown)
        {
            var cell =
                column == ProcessRow.OwnerColumn ? TerminalText.FitEnd(row[column], widths[column]) : row[column];
            line.Append(ProcessRow.IsNumeric(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            line.Append(' ', Gap);
        }

        return line.ToString().TrimEnd();
    }
}
