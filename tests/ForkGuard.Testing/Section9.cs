namespace ForkGuard.Testing;

/// <summary>Section 9 of the specification of "can it fork": what this machine's kernel must do with each layout.</summary>
public static class Section9
{
    private const int Strict = 2;
    private const int Always = 1;

    private static readonly Version TotalMemoryRule = new(5, 2);
    private static readonly Version ForgetsUnwritten = new(6, 7);

    private static long GibibytesInPages => (1L << 30) / Environment.SystemPageSize;

    /// <summary>Every layout at the limit and one page above it, and the other sizes of the table.</summary>
    public static IEnumerable<(string Layout, long Pages)> Rows =>
        VictimLayout
            .Charged.Concat(VictimLayout.NeverRefused)
            .Append(VictimLayout.ReadOnly)
            .SelectMany(layout => new[] { (layout, MemoryLimit.Pages()), (layout, MemoryLimit.Pages() + 1) })
            .Concat(OtherSizes);

    /// <summary>The other sizes of the table, by what they show.</summary>
    public static IEnumerable<(string Layout, long Pages)> OtherSizes =>
        [
            (VictimLayout.Mremap, MemoryLimit.Pages() + 1000),
            (VictimLayout.Reserved, 2 * MemoryLimit.Pages()),
            (VictimLayout.NoReserve, 50 * GibibytesInPages),
            (VictimLayout.Scattered, 128 * GibibytesInPages),
        ];

    /// <summary>The errno that fork must give, or null where the machine's mode or kernel has no fixed answer.</summary>
    public static int? ExpectedErrno(string layout, long pages)
    {
        if (RunningKernel.OvercommitMode == Always)
        {
            return Errno.None;
        }

        if (RunningKernel.OvercommitMode == Strict || RunningKernel.Version < TotalMemoryRule)
        {
            return null;
        }

        var isCharged =
            layout == VictimLayout.ReadOnly
                ? RunningKernel.Version < ForgetsUnwritten
                : VictimLayout.Charged.Contains(layout, StringComparer.Ordinal);
        return isCharged && pages > MemoryLimit.Pages() ? Errno.NoMemory : Errno.None;
    }
}
