namespace ForkGuard.Api.Validation;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearestName
{
    private const int MaxTypo = 40;

    /// <summary>The known name that is at most a third of its letters away; null if there is none.</summary>
    public static string? Of(string given, IEnumerable<string> known)
    {
        if (given.Length > MaxTypo)
        {
            return null;
        }

        var best = known.MinBy(name => Distance(given, name));
        return best is not null && Distance(given, best) <= Math.Max(1, best.Length / 3) ? best : null;
    }

    /// <summary>
    /// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment), blind to case:
    /// <c>warnatpercent</c> is as near as can be.
    /// </summary>
    private static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        var above = new int[right.Length + 1];
        for (var column = 0; column < row.Length; column++)
        {
            row[column] = column;
        }

        for (var line = 1; line <= left.Length; line++)
        {
            int[] twoAbove = above;
            above = row;
            row = new int[right.Length + 1];
            row[0] = line;
            for (var column = 1; column < row.Length; column++)
            {
                var replaced = above[column - 1] + (AreSame(left, line, right, column) ? 0 : 1);
                row[column] = Math.Min(replaced, Math.Min(above[column], row[column - 1]) + 1);
                if (
                    line > 1
                    && column > 1
                    && AreSame(left, line, right, column - 1)
                    && AreSame(left, line - 1, right, column)
                )
                {
                    row[column] = Math.Min(row[column], twoAbove[column - 2] + 1);
                }
            }
        }

        return row[^1];
    }

    private static bool AreSame(string left, int line, string right, int column) =>
        char.ToLowerInvariant(left[line - 1]) == char.ToLowerInvariant(right[column - 1]);
}
