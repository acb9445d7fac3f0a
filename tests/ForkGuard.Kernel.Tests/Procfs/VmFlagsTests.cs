using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class VmFlagsTests
{
    [Theory]
    [InlineData("VmFlags: rd wr mr mw me ac sd ", VmFlags.Accountable | VmFlags.Writable)]
    [InlineData("VmFlags: rd wr mr mw me dc ac", VmFlags.Accountable | VmFlags.DontCopy | VmFlags.Writable)]
    [InlineData("VmFlags: mr mw me nr ", VmFlags.NoReserve)]
    [InlineData("VmFlags: rd wr ht ac", VmFlags.HugeTlb | VmFlags.Accountable | VmFlags.Writable)]
    [InlineData("VmFlags: zz ??", VmFlags.None)]
    [InlineData("VmFlags: ", VmFlags.None)]
    public void Flags_that_decide_are_found_and_others_passed_over(string line, VmFlags flags)
    {
        Assert.True(VmFlagsLine.TryParse(Encoding.UTF8.GetBytes(line), out var parsed));
        Assert.Equal(flags, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("VmFlag")]
    [InlineData("VmFlags: rd wr a")]
    [InlineData("VmFlags: acx")]
    [InlineData("Rss: 4 kB")]
    public void A_line_that_is_cut_or_is_another_is_refused(string line) =>
        Assert.False(VmFlagsLine.TryParse(Encoding.UTF8.GetBytes(line), out _));
}
