namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Estimate of how long a parent stands still while fork(2) copies its page tables. It is always an estimate: on a
/// loaded machine a fork takes two to five times as long.
/// </summary>
/// <param name="Shortest">Time on an idle, fast machine.</param>
/// <param name="Longest">Time on an idle, slow machine.</param>
public readonly record struct ForkTime(TimeSpan Shortest, TimeSpan Longest)
{
    private const ulong PageBytes = 4096;
    private const ulong HugePageBytes = 2 * 1024 * 1024;

    // Nanoseconds, measured on 6.18: an entry for a page (11 to 24 ms a GiB), a table of 512 of them, a huge page
    // with the table that is kept for it (0.3 ms a GiB), a mapping.
    private const ulong ShortestPage = 38;
    private const ulong LongestPage = 84;
    private const ulong ShortestTable = 1_200;
    private const ulong LongestTable = 5_500;
    private const ulong ShortestHugePage = 400;
    private const ulong LongestHugePage = 1_700;
    private const ulong ShortestMapping = 500;
    private const ulong LongestMapping = 1_500;

    /// <param name="memory">Of the process that forks.</param>
    /// <param name="huge">Part of its anonymous memory in huge pages; VmPTE does not show it.</param>
    /// <param name="mappings">Lines of its maps; 0 if unknown.</param>
    public static ForkTime Estimate(in ProcessMemory memory, ByteInterval huge, int mappings = 0) =>
        new(
            Time(memory, huge.High, mappings, ShortestPage, ShortestTable, ShortestHugePage, ShortestMapping),
            Time(memory, huge.Low, mappings, LongestPage, LongestTable, LongestHugePage, LongestMapping)
        );

    /// <summary>
    /// Bounds the part of a process's anonymous memory that lies in huge pages, by those of its cgroup or of the node.
    /// </summary>
    /// <param name="own">Anonymous memory of the process, in bytes.</param>
    /// <param name="all">Anonymous memory of the cgroup or node that contains it, in bytes.</param>
    /// <param name="allHuge">Part of <paramref name="all"/> in huge pages.</param>
    public static ByteInterval HugeOf(ulong own, ulong all, ulong allHuge) =>
        new(
            Math.Min(Saturating.Subtract(own, Saturating.Subtract(all, allHuge)), Math.Min(own, allHuge)),
            Math.Min(own, allHuge)
        );

    private static TimeSpan Time(
        in ProcessMemory memory,
        ulong huge,
        int mappings,
        ulong page,
        ulong table,
        ulong hugePage,
        ulong mapping
    )
    {
        var hugePages = huge / HugePageBytes;
        var pages = Saturating.Subtract(memory.Anonymous, huge) / PageBytes;
        var ofShared = Math.Min(memory.Shared / HugePageBytes, memory.PageTables / PageBytes);
        var tables = Saturating.Subtract(memory.PageTables / PageBytes, hugePages + ofShared);
        var nanoseconds = Saturating.Add(
            Saturating.Add(Saturating.Multiply(pages, page), Saturating.Multiply(tables, table)),
            Saturating.Add(Saturating.Multiply(hugePages, hugePage), (ulong)mappings * mapping)
        );
        return TimeSpan.FromMicroseconds(Math.Min(nanoseconds / 1000, uint.MaxValue));
    }
}
