using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class StatmTests
{
    [Theory]
    [InlineData("9298 2231 1560 1315 0 7472 0\n", 9298)]
    [InlineData("0 0 0 0 0 0 0\n", 0)]
    public void The_first_field_is_the_size(string text, ulong pages)
    {
        Assert.True(Statm.TryParseSize(Encoding.UTF8.GetBytes(text), out var parsed));
        Assert.Equal(pages, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("92")]
    [InlineData("9298 2231")]
    [InlineData("-1 0 0 0 0 0 0\n")]
    [InlineData("+1 0 0 0 0 0 0\n")]
    [InlineData("99999999999999999999 0 0 0 0 0 0\n")]
    [InlineData("18446744073709551615 0 0 0 0 0 0\n")]
    [InlineData("9298x 0 0 0 0 0 0\n")]
    public void What_is_cut_short_overflows_or_is_no_number_is_refused(string text) =>
        Assert.False(Statm.TryParseSize(Encoding.UTF8.GetBytes(text), out _));
}
