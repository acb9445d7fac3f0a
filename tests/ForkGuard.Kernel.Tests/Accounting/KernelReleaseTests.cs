using System.Text;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Tests.Accounting;

public sealed class KernelReleaseTests
{
    [Theory]
    [InlineData("6.18.44-fc-v595", 6, 18, true)]
    [InlineData("5.2.0", 5, 2, true)]
    [InlineData("5.2-rc1", 5, 2, true)]
    [InlineData("5.1.21", 5, 1, false)]
    [InlineData("4.18.0-553.el8_10.x86_64", 4, 18, false)]
    [InlineData("3.10.0-1160.el7.x86_64", 3, 10, false)]
    public void The_version_decides_the_rule(string release, int major, int minor, bool isNew)
    {
        Assert.True(KernelRelease.TryParse(Encoding.UTF8.GetBytes(release), out var parsed));
        Assert.Equal(new KernelRelease(major, minor), parsed);
        Assert.Equal(isNew, parsed.HasTotalMemoryRule);
    }

    [Theory]
    [InlineData("")]
    [InlineData("six")]
    [InlineData("6")]
    [InlineData("6.")]
    [InlineData("99999999999.1")]
    public void Anything_else_is_refused(string release) =>
        Assert.False(KernelRelease.TryParse(Encoding.UTF8.GetBytes(release), out _));
}
