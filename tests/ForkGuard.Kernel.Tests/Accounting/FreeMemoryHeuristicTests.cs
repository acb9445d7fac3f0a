using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Tests.Accounting;

public sealed class FreeMemoryHeuristicTests
{
    [Fact]
    public void Free_file_and_reclaimable_pages_count_and_shared_memory_does_not()
    {
        var vmstat =
            "nr_free_pages 1000\nnr_file_pages 500\nnr_shmem 100\nnr_slab_reclaimable 50\nnr_kernel_misc_reclaimable 7\n"u8;

        Assert.True(FreeMemoryHeuristic.TryParseAvailable(vmstat, out var pages));
        Assert.Equal(1457UL, pages);
    }

    [Fact]
    public void Before_4_20_there_is_no_misc_part()
    {
        var vmstat = "nr_free_pages 1000\nnr_file_pages 500\nnr_shmem 100\nnr_slab_reclaimable 50\n"u8;

        Assert.True(FreeMemoryHeuristic.TryParseAvailable(vmstat, out var pages));
        Assert.Equal(1450UL, pages);
    }

    [Fact]
    public void A_vmstat_without_one_of_them_is_refused() =>
        Assert.False(FreeMemoryHeuristic.TryParseAvailable("nr_free_pages 1000\nnr_file_pages 500\n"u8, out _));

    [Fact]
    public void The_reserve_is_summed_over_the_zones_and_never_exceeds_what_a_zone_manages()
    {
        var zoneinfo =
            """
            Node 0, zone      DMA
              pages free     3840
                    high     92
                    managed  3000
                    protection: (0, 3019, 4043, 4043, 4043)
              pagesets
                cpu: 0
                          high:     0
            Node 0, zone    DMA32
              pages free     772918
                    high     18854
                    managed  772918
                    protection: (0, 0, 1024, 1024, 1024)

            """u8;

        Assert.True(FreeMemoryHeuristic.TryParseReserve(zoneinfo, out var pages));
        Assert.Equal(3000UL + 1024 + 18854, pages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  high 92\n  managed 3840\n  protection: (0, x)\n")]
    [InlineData("  high 92\n  managed 3840\n  protection: (0, 1\n")]
    [InlineData("  high 99999999999999999999\n  managed 3840\n  protection: (0)\n")]
    public void A_zoneinfo_without_zones_or_with_other_words_is_refused(string zoneinfo) =>
        Assert.False(FreeMemoryHeuristic.TryParseReserve(System.Text.Encoding.UTF8.GetBytes(zoneinfo), out _));
}
