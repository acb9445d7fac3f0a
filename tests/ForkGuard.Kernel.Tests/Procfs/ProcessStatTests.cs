using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class ProcessStatTests
{
    private const string Tail =
        " S 1 1721 1025 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 23456 8421376 900 18446744073709551615 1 1 0\n";

    [Theory]
    [InlineData("redis-server")]
    [InlineData("a) b (c\n")]
    [InlineData(") R 1 1 1 1 1 1 1 1")]
    [InlineData("(((")]
    [InlineData("")]
    [InlineData("\u001b[31mred")]
    public void The_name_ends_at_the_last_bracket_whatever_it_holds(string name)
    {
        Assert.True(ProcessStat.TryParse(Encoding.UTF8.GetBytes($"1721 ({name}){Tail}"), out var stat));
        Assert.Equal(name, Encoding.UTF8.GetString(stat.Command));
        Assert.Equal((byte)'S', stat.State);
        Assert.Equal(23456UL, stat.StartTime);
        Assert.False(stat.IsKernelThread);
        Assert.False(stat.IsZombie);
    }

    [Fact]
    public void The_parent_and_the_bottom_of_the_stack_are_read_and_a_file_that_ends_before_has_none()
    {
        var whole = "9 (a) S 1721 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 1 2 140723 0 0\n"u8;
        Assert.True(ProcessStat.TryParse(whole, out var stat));
        Assert.Equal((1721, 140723UL), (stat.Parent, stat.StartStack));

        Assert.True(ProcessStat.TryParse(whole[..^5], out stat));
        Assert.Equal((1721, 0UL), (stat.Parent, stat.StartStack));
    }

    [Fact]
    public void A_kernel_thread_is_known_by_its_flag()
    {
        var text = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n"u8;

        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.True(stat.IsKernelThread);
    }

    [Fact]
    public void A_zombie_is_known_by_its_state()
    {
        Assert.True(
            ProcessStat.TryParse(
                Encoding.UTF8.GetBytes("7 (z)" + Tail.Replace(" S ", " Z ", StringComparison.Ordinal)),
                out var stat
            )
        );
        Assert.True(stat.IsZombie);
    }

    [Fact]
    public void Bytes_that_are_no_text_stay_as_they_are()
    {
        byte[] text = [.. "7 ("u8, 0xff, 0xfe, .. Encoding.UTF8.GetBytes(")" + Tail)];

        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.Equal([0xff, 0xfe], stat.Command.ToArray());
    }

    [Fact]
    public void Cut_short_anywhere_before_the_end_of_the_start_time_it_is_refused()
    {
        var whole = Encoding.UTF8.GetBytes("1721 (a) b" + ")" + Tail);
        var end = Encoding.UTF8.GetString(whole).IndexOf("23456 ", StringComparison.Ordinal) + "23456".Length;

        for (var length = 0; length <= end; length++)
        {
            Assert.False(ProcessStat.TryParse(whole.AsSpan(0, length), out _), $"accepted the first {length} bytes");
        }

        Assert.True(ProcessStat.TryParse(whole.AsSpan(0, end + 1), out _));
    }

    [Theory]
    [InlineData("1 (a) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999 0 0\n")]
    [InlineData("1 (a) S 1 1 1 0 -1 x 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n")]
    [InlineData("no brackets here at all\n")]
    [InlineData(")(\n")]
    public void Numbers_that_overflow_or_are_none_are_refused(string text) =>
        Assert.False(ProcessStat.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
