using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Memory;

public sealed class ForkCostTests
{
    private const ulong KiB = 1024;
    private const ulong GiB = 1024 * 1024 * KiB;

    [Fact]
    public void Reads_page_tables_and_memory_of_a_status()
    {
        var status = ProcessMemory.Parse(
            "Name:\tredis-server\nFDSize:\t256\nVmPin:\t 12 kB\nVmPTE:\t 800 kB\nVmSwap:\t 40 kB\nRssAnon:\t 5000 kB\nRssFile:\t 60 kB\nRssShmem:\t 4 kB\nThreads:\t4\n"u8,
            out var memory
        );

        Assert.Equal(ReadStatus.Ok, status);
        Assert.Equal(
            new ProcessMemory
            {
                PageTables = 800 * KiB,
                Swapped = 40 * KiB,
                Anonymous = 5000 * KiB,
                Shared = 64 * KiB,
                Pinned = 12 * KiB,
                Threads = 4,
                DescriptorSlots = 256,
            },
            memory
        );
    }

    [Theory]
    [InlineData("Name:\tkworker\nFDSize:\t64\nThreads:\t1\n", ReadStatus.NoAddressSpace)]
    [InlineData("Name:\tcut\nVmPTE:\t 800 kB\nRssA", ReadStatus.Malformed)]
    [InlineData("VmPTE:\t x kB\nRssAnon:\t 1 kB\nThreads:\t1\n", ReadStatus.Malformed)]
    [InlineData("", ReadStatus.Malformed)]
    public void Reports_why_a_status_holds_no_numbers(string text, ReadStatus expected) =>
        Assert.Equal(expected, ProcessMemory.Parse(System.Text.Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Costs_page_tables_and_a_fixed_part_and_at_worst_all_anonymous_memory_again()
    {
        const ulong usual = 75 * KiB;
        var most = (64 * KiB) + (8 * (ulong)Environment.SystemPageSize);
        var memory = new ProcessMemory
        {
            PageTables = 800 * KiB,
            Anonymous = 5000 * KiB,
            Swapped = 40 * KiB,
            Shared = 100 * KiB,
        };
        var cost = ForkCost.Of(memory, mappings: 0);

        Assert.Equal(((800 * KiB) + usual, (800 * KiB) + most), (cost.Bytes, cost.MaxBytes));
        Assert.Equal((700 + 64) * KiB, cost.LikelyBytes);
        Assert.Equal((5840 * KiB) + usual, cost.WorstCaseBytes);
        Assert.Equal(cost.Bytes + 64_000, ForkCost.Of(memory, mappings: 100).Bytes);
        Assert.InRange(ForkCost.Of(memory).MaxBytes, cost.Bytes + (32 * 1024 * KiB), ulong.MaxValue);
    }

    [Theory]
    [InlineData(300, 300)]
    [InlineData(9000, 5000)]
    public void Pinned_pages_may_be_copied_by_the_fork(ulong pinned, ulong expected)
    {
        var memory = new ProcessMemory { PageTables = 800 * KiB, Anonymous = 5000 * KiB };
        var without = ForkCost.Of(memory, mappings: 1);
        var cost = ForkCost.Of(memory with { Pinned = pinned * KiB }, mappings: 1);

        Assert.Equal(without.Bytes + (expected * KiB), cost.Bytes);
        Assert.Equal(without.MaxBytes + (expected * KiB), cost.MaxBytes);
        Assert.Equal((without.LikelyBytes, without.WorstCaseBytes), (cost.LikelyBytes, cost.WorstCaseBytes));
    }

    [Theory]
    [InlineData(1840, 100, 1400, 1840 - 1400 + 64)]
    [InlineData(1840, 102_400, 1840, 800 + 64)]
    [InlineData(18_400, 102_400, 9_000_000, 800 + 64)]
    [InlineData(150, 102_400, 1400, 150 + 64)]
    public void Page_tables_of_anonymous_memory_are_copied_whatever_is_shared(
        ulong tables,
        ulong pages,
        ulong shared,
        ulong expected
    )
    {
        var pageBytes = (ulong)Environment.SystemPageSize;
        var memory = new ProcessMemory
        {
            PageTables = tables * KiB,
            Anonymous = pages / 2 * pageBytes,
            Swapped = pages / 2 * pageBytes,
            Shared = shared * KiB,
        };

        Assert.Equal(expected * KiB, ForkCost.Of(memory).LikelyBytes);
    }

    [Fact]
    public void A_fork_of_a_GiB_takes_11_to_25_ms_and_with_huge_pages_less_than_one()
    {
        var memory = new ProcessMemory { Anonymous = GiB, PageTables = 2092 * KiB };

        var small = ForkTime.Estimate(memory, ForkTime.HugeOf(GiB, all: GiB, allHuge: 0));
        var huge = ForkTime.Estimate(memory, ForkTime.HugeOf(GiB, all: GiB, allHuge: GiB));
        var unknown = ForkTime.Estimate(memory, ForkTime.HugeOf(GiB, all: 4 * GiB, allHuge: 3 * GiB));

        Assert.Equal((10, 24), (small.Shortest.Milliseconds, small.Longest.Milliseconds));
        Assert.InRange(huge.Longest.TotalMilliseconds, 0.1, 1);
        Assert.Equal((huge.Shortest, small.Longest), (unknown.Shortest, unknown.Longest));
    }

    [Fact]
    public void Huge_pages_of_a_process_are_bounded_by_those_around_it()
    {
        Assert.Equal(new ByteInterval(60, 80), ForkTime.HugeOf(own: 80, all: 100, allHuge: 80));
        Assert.Equal(new ByteInterval(0, 30), ForkTime.HugeOf(own: 50, all: 100, allHuge: 30));
        Assert.Equal(new ByteInterval(0, 0), ForkTime.HugeOf(own: 50, all: 40, allHuge: 0));
    }
}
