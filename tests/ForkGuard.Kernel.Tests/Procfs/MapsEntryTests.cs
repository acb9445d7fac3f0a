using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class MapsEntryTests
{
    [Theory]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ", "", 0x1000UL, true)]
    [InlineData("7f0000000000-7f0000001000 rw-p 00000000 00:00 0", "", 0x1000UL, true)]
    [InlineData(
        "55f72224a000-55f722318000 rw-p 00000000 00:00 0                          [heap]",
        "[heap]",
        0xce000UL,
        true
    )]
    [InlineData(
        "7f00-8f00 r-xp 00001000 fe:00 1234567        /a b/c\\012d (deleted)",
        "/a b/c\\012d (deleted)",
        0x1000UL,
        true
    )]
    [InlineData("7f00-8f00 ---p 00000000 00:00 0 ", "", 0x1000UL, true)]
    [InlineData("7f00-8f00 rw-s 00000000 00:01 2049  /memfd:x (deleted)", "/memfd:x (deleted)", 0x1000UL, false)]
    [InlineData("7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0   [vdso]", "[vdso]", 0x2000UL, false)]
    [InlineData("7ffc00000000-7ffc00004000 r--p 00000000 00:00 0   [vvar]", "[vvar]", 0x4000UL, false)]
    [InlineData("7ffc00000000-7ffc00002000 r--p 00000000 00:00 0   [vvar_vclock]", "[vvar_vclock]", 0x2000UL, false)]
    [InlineData("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]", "[vsyscall]", 0x1000UL, false)]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 0   [anon:[vdso]]", "[anon:[vdso]]", 0x1000UL, true)]
    public void A_line_of_maps_is_read(string line, string name, ulong bytes, bool isCandidate)
    {
        Assert.True(MapsEntry.TryParse(Encoding.UTF8.GetBytes(line), out var entry));
        Assert.Equal(name, Encoding.UTF8.GetString(entry.Name));
        Assert.Equal(bytes, entry.Bytes);
        Assert.Equal(isCandidate, entry.IsCandidate);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7f00")]
    [InlineData("7f00-8f00")]
    [InlineData("7f00-8f00 rw-")]
    [InlineData("7f00-8f00 rw-p 0000")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 ")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 12ab /x")]
    [InlineData("7f00-8f00 rwzp 00000000 00:00 0 ")]
    [InlineData("7f00-8f00 rw-x 00000000 00:00 0 ")]
    [InlineData("8f00-7f00 rw-p 00000000 00:00 0 ")]
    [InlineData("7f00-7f00 rw-p 00000000 00:00 0 ")]
    [InlineData("17f0000000000000000-18f0000000000000000 rw-p 00000000 00:00 0 ")]
    [InlineData("Size:               4 kB")]
    [InlineData("garbage")]
    public void Anything_else_is_refused(string line) =>
        Assert.False(MapsEntry.TryParse(Encoding.UTF8.GetBytes(line), out _));
}
