using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>Reasons that hold a restart back, while not every scan has the budget to measure again.</summary>
public sealed class SuppressionTests
{
    [Fact]
    public async Task The_reason_does_not_alternate_with_scans_that_kept_their_answers()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(CoordinatorScene.Pods + "redis-1-a", pod => pod["spec"]!["restartPolicy"] = "Never")
        );
        for (var scan = 0; scan < 6; scan++)
        {
            scene.KeptFor = scan % 2 == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1);
            await scene.ReportAsync(("redis-1-a", 95));

            Assert.Equal([BlockReason.Job], await scene.SuppressAsync());
        }

        Assert.Equal(1, scene.StatusChanges);
    }

    [Fact]
    public async Task A_reason_of_long_ago_is_not_that_of_a_scan_that_kept_its_answer()
    {
        await using var scene = await CoordinatorScene.BeginAsync(api =>
            api.Change(CoordinatorScene.Pods + "redis-1-a", pod => pod["spec"]!["restartPolicy"] = "Never")
        );
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal([BlockReason.Job], await scene.SuppressAsync());

        scene.Api.Change(CoordinatorScene.Pods + "redis-1-a", pod => pod["spec"]!.AsObject().Remove("restartPolicy"));
        await scene.AdvanceAsync(TimeSpan.FromMinutes(10));
        scene.KeptFor = TimeSpan.FromMinutes(1);
        await scene.ReportAsync(("redis-1-a", 95));
        Assert.Equal([BlockReason.NotRemeasured], await scene.SuppressAsync());
    }

    [Fact]
    public async Task A_scan_that_kept_its_answer_is_the_reason_where_there_is_no_other()
    {
        await using var scene = await CoordinatorScene.BeginAsync();
        scene.KeptFor = TimeSpan.FromMinutes(1);
        await scene.ReportAsync(("redis-1-a", 95));

        Assert.Equal([BlockReason.NotRemeasured], await scene.SuppressAsync());
    }
}
