using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public sealed class LastingBlocksTests
{
    private static readonly RestartBlock NotRemeasured = new(BlockReason.NotRemeasured, "kept");
    private static readonly RestartBlock Cooldown = new(BlockReason.Cooldown, "until 12:00");

    [Fact]
    public void A_scan_without_budget_does_not_hide_the_reason_that_lasts() =>
        Assert.Equal([Cooldown], LastingBlocks.Of([NotRemeasured, Cooldown], before: null));

    [Fact]
    public void A_scan_without_budget_alone_keeps_the_reasons_before() =>
        Assert.Equal([Cooldown], LastingBlocks.Of([NotRemeasured], [Cooldown]));

    [Fact]
    public void A_scan_without_budget_is_a_reason_where_there_was_none() =>
        Assert.Equal([NotRemeasured], LastingBlocks.Of([NotRemeasured], before: null));

    [Fact]
    public void A_reason_that_is_gone_does_not_stay() => Assert.Empty(LastingBlocks.Of([], [Cooldown]));
}
