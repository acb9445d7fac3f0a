using System.Text;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>A table as kubectl prints it: three spaces between columns, no lines.</summary>
internal static class TextTable
{
    private const int Gap = 3;

    internal static void Write(TextWriter to, IReadOnlyList<string> headings, IReadOnlyList<string[]> rows)
    {
        IReadOnlyList<IReadOnlyList<string>> all = [headings, .. rows.Select(row => row.Select(Cell).ToArray())];
        var widths = Enumerable.Range(0, headings.Count).Select(i => all.Max(row => row[i].Length)).ToArray();
        foreach (var row in all)
        {
            var line = new StringBuilder();
            for (var i = 0; i < row.Count; i++)
            {
                line.Append(row[i].PadRight(widths[i] + Gap));
            }

            to.WriteLine(line.ToString().TrimEnd());
        }
    }

    private static string Cell(string text) => text.Length == 0 ? "<none>" : PrintableText.Escape(text);
}
