using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd;

/// <summary>Section 9 of the specification of "can it fork": what mode 0 says to each layout.</summary>
internal static class Layouts
{
    private const int Strict = 2;
    private const int Always = 1;

    private static readonly Version TotalMemoryRule = new(5, 2);
    private static readonly Version ForgetsUnwritten = new(6, 7);

    private static long GibibytesInPages => (1L << 30) / Environment.SystemPageSize;

    /// <summary>One VMA, charged for its whole length: refused from the first page above the limit on.</summary>
    public static readonly string[] Charged =
    [
        VictimLayout.Merged,
        VictimLayout.OneMapping,
        VictimLayout.WipeOnFork,
        VictimLayout.WrittenReadOnly,
        VictimLayout.WrittenNone,
        VictimLayout.Mremap,
        VictimLayout.Brk,
        VictimLayout.Memfd,
        VictimLayout.MprotectPieces,
    ];

    /// <summary>Never refused, at L + 1 pages either.</summary>
    public static readonly string[] NeverRefused =
    [
        VictimLayout.Scattered,
        VictimLayout.NoReserve,
        VictimLayout.DontFork,
        VictimLayout.DontForkMiddle,
        VictimLayout.Reserved,
        VictimLayout.Shared,
    ];

    /// <summary>Every layout at L and at L + 1 pages.</summary>
    public static TheoryData<string, int> AroundTheLimit { get; } =
    [.. Charged.Concat(NeverRefused).Append(VictimLayout.ReadOnly).SelectMany(l => new[] { (l, 0), (l, 1) })];

    /// <summary>The other sizes of the table, by what they show.</summary>
    public static TheoryData<string, long> OfOtherSizes { get; } =
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
            layout == VictimLayout.ReadOnly ? RunningKernel.Version < ForgetsUnwritten : Charged.Contains(layout);
        return isCharged && pages > MemoryLimit.Pages() ? Errno.NoMemory : Errno.None;
    }
}
