using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Procfs;

public sealed class DescriptorLimitTests
{
    [Fact]
    public void The_soft_limit_is_raised_to_the_hard_one()
    {
        Assert.True(Libc.TryGetDescriptorLimit(out var soft, out var hard));
        Assert.True(Libc.TrySetDescriptorLimit(Math.Min(1024, hard), hard));
        try
        {
            Assert.Equal((int)Math.Min(hard, int.MaxValue), DescriptorLimit.Raise());
            Assert.True(Libc.TryGetDescriptorLimit(out var raised, out _));
            Assert.Equal(hard, raised);
        }
        finally
        {
            Libc.TrySetDescriptorLimit(soft, hard);
        }
    }
}
