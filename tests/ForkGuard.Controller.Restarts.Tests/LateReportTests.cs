using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Reports that come long after their scan: their agent may have ended meanwhile.</summary>
public sealed class LateReportTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(12);

    [Theory]
    [InlineData(15)]
    [InlineData(15, 30)]
    public async Task Reports_that_come_long_after_their_scans_are_stale(params int[] secondsAfterTheLastOne)
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 50));
        await scene.AdvanceAsync(Outage);

        foreach (var seconds in secondsAfterTheLastOne)
        {
            await scene.ReportLateAsync(Outage - TimeSpan.FromSeconds(seconds), ("redis-1-a", 95));
        }

        Assert.Equal(BlockReason.StaleReading, (await scene.DecideAsync())[0].Reason);
        Assert.Empty(scene.Evicted);
    }

    [Fact]
    public async Task The_first_report_that_comes_at_once_after_an_outage_is_fresh()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 50));
        await scene.AdvanceAsync(Outage);
        await scene.ReportLateAsync(Outage - TimeSpan.FromSeconds(15), ("redis-1-a", 50));

        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }

    [Fact]
    public async Task A_pod_of_a_node_whose_clock_was_set_back_is_restarted_by_the_second_report()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        await scene.ReportAsync(("redis-1-a", 50));
        scene.Time.Advance(TimeSpan.FromSeconds(15));
        await scene.ReportLateAsync(Outage, ("redis-1-a", 95));
        Assert.Equal(BlockReason.StaleReading, (await scene.DecideAsync())[0].Reason);

        scene.Time.Advance(TimeSpan.FromSeconds(15));
        await scene.ReportLateAsync(Outage, ("redis-1-a", 95));

        Assert.Empty(await scene.DecideAsync());
    }
}
