namespace ForkGuard.Api.Validation;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
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

    /// <summary>Levenshtein's distance, blind to case: <c>warnatpercent</c> is as near as can be.</summary>
    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[right.Length + 1];
        for (var column = 0; column < row.Length; column++)
        {
            row[column] = column;
        }

        for (var line = 1; line <= left.Length; line++)
        {
            var diagonal = row[0];
            row[0] = line;
            for (var column = 1; column < row.Length; column++)
            {
                var same = char.ToLowerInvariant(left[line - 1]) == char.ToLowerInvariant(right[column - 1]);
                var replaced = diagonal + (same ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(replaced, Math.Min(row[column], row[column - 1]) + 1);
            }
        }

        return row[^1];
    }
}
