using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Ranking;

/// <summary>One scan of the machine as lines of text.</summary>
/// <param name="Scan">The scan.</param>
/// <param name="Processes">All candidates, the worst first.</param>
/// <param name="Release">The running kernel.</param>
internal sealed record TopScan(NodeScan Scan, IReadOnlyList<ProcessReport> Processes, string Release)
{
    /// <summary>Mode and limit of the kernel, and the number of processes.</summary>
    internal IEnumerable<string> Header(int columns) =>
        [
            .. HeaderText.Of(Scan.State, Release, columns).Split(Environment.NewLine),
            .. TerminalText.Lines(
                $"{Scan.Scan.Processes} processes and kernel threads{UnreadableText.Of(Scan.Scan.Unreadable)}; worst first:",
                columns
            ),
        ];

    /// <summary>The table with its headings.</summary>
    internal IReadOnlyList<(string Line, RowColour Colour)> Table(TopView view, int count, int columns) =>
        RankedTable.Lines(Scan.Constraints, Processes, view, count, columns);

    /// <summary>Advice about the worst of the rows that are shown.</summary>
    internal IEnumerable<string> Advice(TopView view, int count, int columns) =>
        TopAdvice.Lines(view.Apply(Processes, count), Scan.State).SelectMany(line => TerminalText.Lines(line, columns));
}
