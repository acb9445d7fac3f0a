using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Cli.Output;

namespace ForkGuard.Cli.Ranking;

/// <summary>Order and filter of a list of processes.</summary>
/// <param name="Sort">One of <see cref="Keys"/>.</param>
/// <param name="Filter">Text that a row must contain; empty for all rows.</param>
internal sealed record TopView(string Sort, string Filter)
{
    internal const string Worst = "worst";

    private static readonly Dictionary<string, Comparison<ProcessReport>> Orders = new(StringComparer.Ordinal)
    {
        [Worst] = (_, _) => 0,
        ["used"] = (a, b) => UsedOf(b).CompareTo(UsedOf(a)),
        ["growth"] = (a, b) => GrowthOf(b).CompareTo(GrowthOf(a)),
        ["left"] = (a, b) => LeftOf(a).CompareTo(LeftOf(b)),
        ["pid"] = (a, b) => a.Pid.CompareTo(b.Pid),
        ["command"] = (a, b) => string.CompareOrdinal(a.Command, b.Command),
        ["owner"] = (a, b) => string.CompareOrdinal(ProcessRow.OwnerOf(a), ProcessRow.OwnerOf(b)),
    };

    /// <summary>Names of the orders, the default first.</summary>
    internal static IReadOnlyList<string> Keys { get; } = [.. Orders.Keys];

    internal bool IsDefault => Sort == Worst && Filter.Length == 0;

    internal TopView NextSort() => this with { Sort = Keys[(Keys.ToList().IndexOf(Sort) + 1) % Keys.Count] };

    /// <summary>The first rows of those that match. Rows that compare equal keep their order.</summary>
    /// <param name="worstFirst">All candidates, the worst first.</param>
    /// <param name="count">Rows at most.</param>
    internal IReadOnlyList<ProcessReport> Apply(IReadOnlyList<ProcessReport> worstFirst, int count)
    {
        var order = Comparer<ProcessReport>.Create(Orders[Sort]);
        return [.. worstFirst.Where(Matches).OrderBy(process => process, order).Take(count)];
    }

    private bool Matches(ProcessReport process) =>
        Filter.Length == 0
        || Contains(process.Command)
        || Contains(ProcessRow.OwnerOf(process))
        || Contains(process.Binding()?.Type.Text ?? "")
        || Contains(process.Verdict.Text)
        || process.Pid.ToString(CultureInfo.InvariantCulture) == Filter;

    private bool Contains(string text) => text.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    // Shares of the limit: bytes and tasks have no common unit.
    private static double UsedOf(ProcessReport process) =>
        process.Binding() is { Problem: null, Limit: > 0 } binding ? (double)binding.Used / binding.Limit : -1;

    private static double GrowthOf(ProcessReport process) =>
        process.Binding() is { Problem: null, Limit: > 0, GrowthPerMinute: { } growth } binding
            ? (double)growth / binding.Limit
            : double.MinValue;

    private static long LeftOf(ProcessReport process) => process.Binding()?.SecondsToLimit ?? long.MaxValue;
}
