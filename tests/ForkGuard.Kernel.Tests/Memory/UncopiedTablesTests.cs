using System.Globalization;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Memory;

public sealed class UncopiedTablesTests : IDisposable
{
    private const ulong KiB = 1024;

    private readonly CapturedCgroups _files = new();
    private readonly ulong _page = (ulong)Environment.SystemPageSize;

    [Fact]
    public void Counts_entries_of_pages_in_RAM_and_in_swap_of_areas_that_a_fork_leaves_out()
    {
        // 102 400 pages take 800 KiB of entries: half of them in RAM, half in swap.
        var half = 51_200 * _page;
        WriteSmaps(
            Area(0x1000_0000, 2 * half, half, half, "rd wr dc ac"),
            Area(0x9_0000_0000, half, half, 0, "rd wr ac")
        );

        Assert.Equal(ReadStatus.Ok, UncopiedTables.Read(_files.Proc, 100, out var tables, out var areas));

        Assert.Equal(new UncopiedTables((800 * KiB) - (2 * _page), (800 * KiB) + (2 * _page), 800 * KiB), tables);
    }

    [Fact]
    public void A_page_has_at_most_one_table()
    {
        WriteSmaps(Area(0x1000_0000, 1_000_000 * _page, 10 * _page, 0, "rd wr dc ac"));

        Assert.Equal(ReadStatus.Ok, UncopiedTables.Read(_files.Proc, 100, out var tables, out _));

        Assert.Equal(new UncopiedTables(0, 10 * _page, 80), tables);
        Assert.Equal(new UncopiedTables(0, 15 * _page, 120), tables.WithPages(5));
    }

    [Theory]
    [InlineData(null, ReadStatus.Gone)]
    [InlineData("10000000-10001000 rw-p 0000", ReadStatus.Malformed)]
    public void Reports_why_nothing_is_known(string? smaps, ReadStatus expected)
    {
        if (smaps is not null)
        {
            _files.WriteProc("100/smaps", smaps);
        }

        Assert.Equal(expected, UncopiedTables.Read(_files.Proc, 100, out _, out _));
    }

    public void Dispose() => _files.Dispose();

    private void WriteSmaps(params string[] areas) => _files.WriteProc("100/smaps", string.Concat(areas));

    private static string Area(ulong start, ulong bytes, ulong anonymous, ulong swap, string flags) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{start:x}-{start + bytes:x} rw-p 00000000 00:00 0 \nSize: {bytes / KiB} kB\nRss: {anonymous / KiB} kB\nAnonymous: {anonymous / KiB} kB\nSwap: {swap / KiB} kB\nSwapPss: 0 kB\nVmFlags: {flags} \n"
        );
}
