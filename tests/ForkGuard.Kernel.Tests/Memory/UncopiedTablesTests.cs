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
    [InlineData("rw-s", "", 0, 0, false)]
    [InlineData("rw-s", "", 0, 8, false)]
    [InlineData("r--p", "/lib/libc.so", 0, 0, false)]
    [InlineData("rw-p", "/dev/shm/cache", 0, 8, false)]
    [InlineData("rw-p", "/lib/libc.so", 8, 0, true)]
    [InlineData("rw-p", "", 8, 0, true)]
    [InlineData("rw-p", "", 0, 0, false)]
    [InlineData("r--p", "[anon:cache]", 0, 0, false)]
    [InlineData("rw-p", "", 0, 8, true)]
    [InlineData("---p", "", 0, 0, true)]
    [InlineData("rw-p", "[heap]", 0, 8, true)]
    public void Tables_of_areas_without_anonymous_pages_may_be_left_out(
        string permissions,
        string name,
        ulong anonymous,
        ulong swap,
        bool isCopied
    )
    {
        var size = 51_200 * _page;
        WriteSmaps(Area(0x1000_0000, size, anonymous * _page, swap * _page, "rd wr", permissions, name));

        Assert.Equal(ReadStatus.Ok, UncopiedTables.Read(_files.Proc, 100, out var tables, out _));

        Assert.Equal(new UncopiedTables(0, isCopied ? 0 : (400 * KiB) + (2 * _page), 0), tables);
    }

    [Theory]
    [InlineData("rw-p", "rd wr wf", 51_200)]
    [InlineData("rw-s", "rd wr dc", 0)]
    public void A_fork_leaves_out_wiped_areas_and_shared_ones(string permissions, string flags, ulong anonymous)
    {
        WriteSmaps(Area(0x1000_0000, 51_200 * _page, anonymous * _page, swap: 0, flags, permissions));

        Assert.Equal(ReadStatus.Ok, UncopiedTables.Read(_files.Proc, 100, out var tables, out _));

        Assert.Equal(anonymous == 0 ? 0 : (400 * KiB) - (2 * _page), tables.Least);
        Assert.Equal((400 * KiB) + (2 * _page), tables.Most);
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

    private static string Area(
        ulong start,
        ulong bytes,
        ulong anonymous,
        ulong swap,
        string flags,
        string permissions = "rw-p",
        string name = ""
    ) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{start:x}-{start + bytes:x} {permissions} 00000000 00:00 0 {name}\nSize: {bytes / KiB} kB\nRss: {anonymous / KiB} kB\nAnonymous: {anonymous / KiB} kB\nSwap: {swap / KiB} kB\nSwapPss: 0 kB\nVmFlags: {flags} \n"
        );
}
