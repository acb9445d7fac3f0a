using ForkGuard.Kernel.Memory;

namespace ForkGuard.Kernel.Tests.Memory;

public sealed class MemoryStatTests
{
    [Fact]
    public void Reads_v2()
    {
        Assert.True(
            MemoryStat.TryParse(
                "anon 1000\nfile 900\nanon_thp 200\nfile_dirty 30\nfile_writeback 10\ninactive_anon 5\ninactive_file 400\nactive_file 300\nslab_reclaimable 50\nslab 60\n"u8,
                isUnified: true,
                out var stat
            )
        );
        Assert.Equal((1000UL, 200UL, 710UL), (stat.Anonymous, stat.AnonymousHuge, stat.Reclaimable));
    }

    [Fact]
    public void Reads_the_totals_of_v1()
    {
        Assert.True(
            MemoryStat.TryParse(
                "rss 1\ninactive_file 2\nactive_file 3\ntotal_rss 1000\ntotal_rss_huge 200\ntotal_dirty 30\ntotal_writeback 10\ntotal_inactive_file 400\ntotal_active_file 300\n"u8,
                isUnified: false,
                out var stat
            )
        );
        Assert.Equal((1000UL, 200UL, 660UL), (stat.Anonymous, stat.AnonymousHuge, stat.Reclaimable));
        Assert.Equal(40UL, stat.Unwritten);
    }

    [Fact]
    public void More_dirty_memory_than_cache_leaves_nothing_to_reclaim()
    {
        Assert.True(
            MemoryStat.TryParse(
                "anon 1\nfile_dirty 9\ninactive_file 4\nactive_file 3\n"u8,
                isUnified: true,
                out var stat
            )
        );
        Assert.Equal(0UL, stat.Reclaimable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("anon 1\ninactive_file 2\n")]
    [InlineData("anon x\ninactive_file 2\nactive_file 3\n")]
    [InlineData("anon 1 2\ninactive_file 2\nactive_file 3\n")]
    [InlineData("anon 99999999999999999999\ninactive_file 2\nactive_file 3\n")]
    public void Rejects_what_is_missing_or_malformed(string text) =>
        Assert.False(MemoryStat.TryParse(System.Text.Encoding.ASCII.GetBytes(text), isUnified: true, out _));
}
