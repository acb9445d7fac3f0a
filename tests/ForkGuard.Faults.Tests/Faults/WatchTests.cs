using ForkGuard.Faults.Tests.Checking;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The watch is changed at a step of a restart, and changed back afterwards.</summary>
public sealed class WatchTests(FaultCluster cluster) : FaultTests(cluster)
{
    private static readonly Dictionary<string, Func<Story, Task>> Changes = new(StringComparer.Ordinal)
    {
        ["watch paused"] = story => story.PauseAsync(),
        ["watch set to action Event"] = story => story.PatchWatchAsync("""{"spec":{"action":"Event","restart":null}}"""),
        ["watch raised above the leak"] = story => story.PatchWatchAsync("""{"spec":{"actAtPercent":99}}"""),
        ["watch made invalid"] = story => story.PatchWatchAsync("""{"spec":{"actAtPercent":80,"warnAtPercent":90}}"""),
        ["watch deleted"] = story => story.DeleteWatchAsync(),
    };

    public static TheoryData<string> Names => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_watch_that_changes_causes_no_false_restart_and_loses_none(string change)
    {
        Assert.SkipUnless(Extent.IsWhole || change == "watch paused", Extent.NotInSample);
        var row = new FaultRow($"{change}, at each step");
        await using var replica = new Replica(Cluster.Plane, Cluster.First);
        foreach (var place in Step.Places(new StepPlace("Called", IsAfter: false)))
        {
            var story = await Story.BeginAsync(Cluster);
            var point = CallPoint.At(
                place,
                async _ =>
                {
                    await Changes[change](story);
                    story.Allowed.Forbid(change);
                }
            );
            await TryAsync(row, replica, point, HelpedOrUnproven, UndoAsync, story, place.ToString());
        }

        row.End();
    }

    [Fact]
    public async Task A_watch_that_is_made_again_or_edited_loses_no_restart_and_adds_none()
    {
        Extent.SkipInSample();
        var row = new FaultRow("watch deleted and made again, or edited, at each step");
        await using var replica = new Replica(Cluster.Plane, Cluster.First);
        foreach (var place in Step.Places(new StepPlace("Called", IsAfter: false)))
        {
            foreach (var isEdit in (bool[])[false, true])
            {
                var story = await Story.BeginAsync(Cluster);
                var point = CallPoint.At(
                    place,
                    async _ =>
                    {
                        if (isEdit)
                        {
                            await story.PatchWatchAsync("""{"spec":{"actAtPercent":92}}""");
                            return;
                        }

                        await story.DeleteWatchAsync();
                        await story.WatchAsync();
                    }
                );
                await TryAsync(row, replica, point, HelpedOrUnproven, begun: story, place: place.ToString());
            }
        }

        row.End();
    }

    private static async Task UndoAsync(Story story)
    {
        await story.AtRestAsync();
        story.Allowed.Allow();
        await story.DeleteWatchAsync();
        await story.WatchAsync();
        story.FaultEnds();
    }
}
