using System.Globalization;

namespace ForkGuard.Lab.Tests.Layouts;

/// <summary>The words of <c>victim areas</c>, by chance: what they amount to is the kernel's and forkguard's to say.</summary>
internal static class RandomLayout
{
    private static readonly string[] Accountable = ["rw", "ww", "wro", "wnone", "late", "wf", "file"];
    private static readonly string[] Harmless = ["ro", "none", "dc", "nr", "sh", "uro"];

    /// <summary>Mode 0: something large, most often near the limit, among many small areas.</summary>
    internal static string AroundLimit(Random random, long limit)
    {
        var kind = Pick(random, random.Next(10) < 7 ? Accountable : Harmless);
        var size = random.Next(10) switch
        {
            0 or 1 => limit,
            2 or 3 => limit + 1,
            4 => limit - 1,
            5 or 6 => limit + random.Next(-3000, 3000),
            7 => limit * 2,
            _ => (long)(limit * random.NextDouble()) + 1,
        };
        return Compose(random, kind, size, limit, most: 3000);
    }

    /// <summary>Mode 2: so much that a fork charges a visible part of the limit, and leaves room for the fork's copy.</summary>
    internal static string Charging(Random random, long pages) =>
        Compose(random, Pick(random, Accountable), pages, pages, most: 300);

    private static string Compose(Random random, string kind, long size, long largestPiece, int most)
    {
        var words = new List<string> { "areas" };
        AddNoise(words, random, random.Next(12), most);
        var isFirst = true;
        for (var left = size; left > 0; isFirst = false)
        {
            var piece = Math.Min(Math.Min(left, largestPiece), random.NextInt64(size / 4, size) + 1);
            words.Add(Area(isFirst ? "" : "+", kind, piece));
            left -= piece;
        }

        AddNoise(words, random, random.Next(28), most);
        return string.Join(' ', words);
    }

    private static void AddNoise(List<string> words, Random random, int count, int most)
    {
        for (var i = 0; i < count; i++)
        {
            var kind = Pick(random, random.Next(2) == 0 ? Accountable : Harmless);
            words.Add(Area(random.Next(5) < 2 ? "+" : "", kind, random.Next(1, most)));
        }
    }

    private static string Area(string join, string kind, long pages) =>
        string.Create(CultureInfo.InvariantCulture, $"{join}{kind}:{pages}");

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
