using System.Text;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

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
    [InlineData("9298 2231 1560 1315 0 7472 0\n", 2231, 7472)]
    [InlineData("9298 2231\n", 2231, 0)]
    [InlineData("9298 2231 1560 x 0 7472 0\n", 2231, 0)]
    public void Resident_and_data_pages_are_0_where_they_are_missing(string text, ulong resident, ulong data)
    {
        Assert.True(Statm.TryParse(Encoding.UTF8.GetBytes(text), out var size));
        Assert.Equal(new ProcessSize(9298, resident, data), size);
    }

    [Theory]
    [InlineData("18446744073709551615\n", ulong.MaxValue)]
    [InlineData("00000000000000000000000007", 7)]
    [InlineData("  12", 12)]
    public void A_number_of_64_bits_is_read(string text, ulong number)
    {
        Assert.True(Ascii.TryParseOnlyNumber(Encoding.UTF8.GetBytes(text), out var parsed));
        Assert.Equal(number, parsed);
    }

    [Theory]
    [InlineData("18446744073709551616")]
    [InlineData("18446744073709551625")]
    [InlineData("184467440737095516150")]
    [InlineData("")]
    [InlineData("-1")]
    public void A_number_beyond_64_bits_or_without_digits_is_refused(string text) =>
        Assert.False(Ascii.TryParseOnlyNumber(Encoding.UTF8.GetBytes(text), out _));

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
