using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class MeminfoTests
{
    private const string Good =
        "MemTotal:       24684096 kB\nMemFree:  1 kB\nSwapTotal:  1024 kB\nSwapFree:  512 kB\nCommitLimit: 12342048 kB\nCommitted_AS:      56792 kB\n";

    [Fact]
    public void Sizes_are_in_bytes()
    {
        Assert.True(Meminfo.TryParse(Encoding.UTF8.GetBytes(Good), out var memory));
        Assert.Equal(
            new Meminfo(24684096UL << 10, 1024UL << 10, 512UL << 10, 12342048UL << 10, 56792UL << 10, 0),
            memory
        );
    }

    [Theory]
    [InlineData("HugePages_Total:    3\nHugepagesize:    2048 kB\nHugetlb:    1054720 kB\n", 1054720UL)]
    [InlineData("HugePages_Total:    3\nHugepagesize:    2048 kB\n", 6144UL)]
    [InlineData("HugePages_Total:    18446744073709551615\nHugepagesize:    2048 kB\n", ulong.MaxValue >> 10)]
    public void Huge_pages_of_all_sizes_count_or_before_4_16_those_of_the_default_size(string lines, ulong kilobytes)
    {
        Assert.True(Meminfo.TryParse(Encoding.UTF8.GetBytes(Good + lines), out var memory));
        Assert.Equal(kilobytes, memory.Hugetlb >> 10);
    }

    [Theory]
    [InlineData("MemTotal:       24684096 kB\n", "")]
    [InlineData("CommitLimit: 12342048 kB", "CommitLimit: kB")]
    [InlineData("CommitLimit: 12342048 kB", "CommitLimit: 99999999999999999999 kB")]
    [InlineData("CommitLimit: 12342048 kB", "CommitLimit: 18446744073709551615 kB")]
    [InlineData("CommitLimit: 12342048 kB", "CommitLimit: 12342048 MB")]
    [InlineData("Committed_AS:      56792 kB\n", "Committed_AS:      567")]
    public void What_is_missing_cut_or_overflows_is_refused(string part, string replacement) =>
        Assert.False(
            Meminfo.TryParse(Encoding.UTF8.GetBytes(Good.Replace(part, replacement, StringComparison.Ordinal)), out _)
        );
}
