using ForkGuard.Kernel.Memory;

namespace ForkGuard.Kernel.Tests.Memory;

public sealed class MemoryLevelTests
{
    private static readonly MemoryStat Cache40 = Parse("anon 10\ninactive_file 30\nactive_file 20\nfile_dirty 10\n"u8);

    [Fact]
    public void Room_lies_between_no_reclaim_and_all_of_it_with_swap()
    {
        var level = new MemoryLevel
        {
            Limit = 100,
            Usage = 70,
            Stat = Cache40,
        };

        Assert.Equal(new ByteInterval(30, 77), level.Room(swap: 7));
    }

    [Fact]
    public void Protected_memory_is_not_reclaimed()
    {
        var level = new MemoryLevel
        {
            Limit = 100,
            Usage = 70,
            Protected = 55,
            Stat = Cache40,
        };

        Assert.Equal(new ByteInterval(30, 45), level.Room(swap: 0));
    }

    [Fact]
    public void Usage_above_a_lowered_limit_is_reclaimed_first()
    {
        var level = new MemoryLevel
        {
            Limit = 100,
            Usage = 120,
            Stat = Cache40,
        };

        Assert.Equal(new ByteInterval(0, 20), level.Room(swap: 0));
        Assert.Equal(new ByteInterval(0, 0), (level with { Usage = 150 }).Room(swap: 0));
    }

    [Fact]
    public void Swap_gives_no_room_below_a_limit_of_both()
    {
        var level = new MemoryLevel
        {
            Limit = 100,
            Usage = 70,
            TotalLimit = 110,
            TotalUsage = 90,
            Stat = Cache40,
        };

        Assert.Equal(new ByteInterval(20, 60), level.Room(swap: 1000));
    }

    [Fact]
    public void Without_memory_stat_all_of_the_usage_may_be_reclaimable() =>
        Assert.Equal(new ByteInterval(30, 100), new MemoryLevel { Limit = 100, Usage = 70 }.Room(swap: 0));

    private static MemoryStat Parse(ReadOnlySpan<byte> text)
    {
        Assert.True(MemoryStat.TryParse(text, isUnified: true, out var stat));
        return stat;
    }
}
