using System.Text;
using ForkGuard.Api;

namespace ForkGuard.Cli.Output;

/// <summary>Processes as rows, in columns as wide as their widest cell; the last column is cut at the right edge.</summary>
internal static class ProcessTable
{
    internal static void Write(TextWriter to, IReadOnlyList<ProcessReport> processes, int columns)
    {
        var shown = ProcessRow.ColumnsFor(columns);
        string[][] rows = [ProcessRow.Headings, .. processes.Select(ProcessRow.Cells)];
        var widths = shown.ToDictionary(column => column, column => rows.Max(row => row[column].Length));
        foreach (var row in rows)
        {
            to.WriteLine(TerminalText.Fit(Line(row, widths), columns));
        }
    }

    private static string Line(string[] row, Dictionary<int, int> widths)
    {
        var line = new StringBuilder();
        foreach (var (column, width) in widths)
        {
            line.Append(ProcessRow.IsNumeric(column) ? row[column].PadLeft(width) : row[column].PadRight(width));
            line.Append("  ");
        }

        return line.ToString().TrimEnd();
    }
}
