using ForkGuard.Api;
using ForkGuard.Cli.Output;

namespace ForkGuard.Cli.Ranking;

/// <summary>A scan as a table.</summary>
internal static class RankedTable
{
    /// <summary>Candidates of a filter or another order, which may lead to processes that are far from any limit.</summary>
    internal const int Candidates = 500;

    /// <summary>
    /// The headings and the rows. Constraints of the machine that are near their limit stand first, unless a filter leaves
    /// them out.
    /// </summary>
    /// <param name="ofMachine">Constraints that all processes share.</param>
    /// <param name="worstFirst">All candidates, the worst first.</param>
    /// <param name="view">Order and filter.</param>
    /// <param name="count">Rows of processes at most.</param>
    /// <param name="columns">Width at most.</param>
    internal static IReadOnlyList<(string Line, RowColour Colour)> Lines(
        IEnumerable<ConstraintReport> ofMachine,
        IReadOnlyList<ProcessReport> worstFirst,
        TopView view,
        int count,
        int columns
    )
    {
        List<ConstraintReport> near = [.. view.Filter.Length > 0 ? [] : ofMachine.Where(ProcessRow.IsAtRisk)];
        var shown = view.Apply(worstFirst, count);
        var lines = ProcessTable.Lines([.. near.Select(ProcessRow.Cells), .. shown.Select(ProcessRow.Cells)], columns);
        IEnumerable<RowColour> colours =
        [
            RowColour.Heading,
            .. near.Select(RowColours.Of),
            .. shown.Select(RowColours.Of),
        ];
        return [.. lines.Zip(colours)];
    }
}
