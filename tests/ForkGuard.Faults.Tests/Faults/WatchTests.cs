using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Faults;

/// <summary>The watch is changed at a step of a restart, and changed back afterwards.</summary>
public sealed class WatchTests(FaultCluster cluster) : FaultTests(cluster)
{
    private static readonly Dictionary<string, Func<Story, Task>> Changes = new(StringComparer.Ordinal)
    {
        ["watch paused"] = story => story.PauseAsync(),
        ["watch set to action Event"] = story =>
            story.PatchWatchAsync("""{"spec":{"action":"Event","restart":null}}"""),
        ["watch raised above the leak"] = story => story.PatchWatchAsync("""{"spec":{"actAtPercent":99}}"""),
        ["watch made invalid"] = story => story.PatchWatchAsync("""{"spec":{"actAtPercent":80,"warnAtPercent":90}}"""),
        ["watch deleted"] = story => story.DeleteWatchAsync(),
    };

    [Theory]
    [InlineData("watch paused")]
    [InlineData("watch set to action Event", Explicit = true)]
    [InlineData("watch raised above the leak", Explicit = true)]
    [InlineData("watch made invalid", Explicit = true)]
    [InlineData("watch deleted", Explicit = true)]
    public async Task A_watch_that_changes_causes_no_false_restart_and_loses_none(string change)
    {
        await TryEachStepAsync(
            $"{change}, at each step",
            new StepPlace("Called", IsAfter: false),
            async (story, _) =>
            {
                await Changes[change](story);
                story.Allowed.Forbid(change);
            },
            OfFault,
            UndoAsync
        );
    }

    [Fact(Explicit = true)]
    public async Task A_watch_that_is_made_again_loses_no_restart_and_adds_none()
    {
        await TryEachStepAsync(
            "watch deleted and made again, at each step",
            new StepPlace("Called", IsAfter: false),
            async (story, _) =>
            {
                await story.DeleteWatchAsync();
                await story.WatchAsync();
            },
            OfFault
        );
    }

    [Fact(Explicit = true)]
    public async Task A_watch_that_is_edited_loses_no_restart_and_adds_none()
    {
        await TryEachStepAsync(
            "watch edited, at each step",
            new StepPlace("Called", IsAfter: false),
            (story, _) => story.PatchWatchAsync("""{"spec":{"actAtPercent":92}}"""),
            OfFault
        );
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
