using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Tests.Evaluation;

/// <summary>What an event says beside the sentences of the policy.</summary>
public sealed class TargetNotesTests
{
    private readonly TargetNotes _notes = new("forkguard-system");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_save_at_risk_says_when_the_whole_container_would_die(bool killsContainer)
    {
        using var watch = new OneWatch(spec => spec with { Constraints = [ConstraintType.CopyOnWrite] });
        var copies = Workloads.Constraint(95) with
        {
            Type = ConstraintType.CopyOnWrite,
            Scope = ConstraintScope.Container,
        };
        watch.Report(
            null,
            OneWatch.Process("redis-server", Stage.App, copies) with
            {
                Snapshot = new SnapshotReport
                {
                    RoomBytes = 100,
                    LearnedPeakBytes = 95,
                    KillsContainer = killsContainer,
                },
            }
        );

        var notification = Assert.Single(watch.Tracker.Notifications);
        Assert.Equal(RiskAnnouncementType.ForkSnapshotAtRisk, notification.Announcement.Type);
        Assert.True(notification.Announcement.IsWarning);
        var note = _notes.Of(watch.Tracker.Watch.Rule, notification);
        Assert.Equal(killsContainer, note.Contains("an OOM kill ends the whole container", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(1L << 30, true)]
    public void Swap_is_advised_for_a_pod_where_its_node_has_some(long? swapBytes, bool isAdvised)
    {
        using var watch = new OneWatch();
        watch.Report(status =>
            status with
            {
                Kernel = status.Kernel! with { SwapBytes = swapBytes },
                Processes = [OneWatch.Process("redis-server", Stage.App, Workloads.Constraint(80))],
            }
        );

        var note = _notes.Of(watch.Tracker.Watch.Rule, Assert.Single(watch.Tracker.Notifications));
        Assert.Equal(isAdvised, note.Contains("add swap on the node", StringComparison.Ordinal));
    }

    [Fact]
    public void A_note_names_the_worst_process_the_number_of_equal_ones_and_the_command_that_shows_more()
    {
        using var watch = new OneWatch();
        watch.Report(
            null,
            OneWatch.Process("redis\u001b[2J", Stage.App, Workloads.Pids(80)) with
            {
                ProcessCount = 12,
            }
        );

        var note = _notes.Of(watch.Tracker.Watch.Rule, Assert.Single(watch.Tracker.Notifications));

        Assert.StartsWith(@"container redis, redis\u001b[2J (12 processes", note, StringComparison.Ordinal);
        Assert.Contains($"pid 7 on {OneWatch.Node}", note, StringComparison.Ordinal);
        Assert.Contains("80 of 100", note, StringComparison.Ordinal);
        Assert.Contains("kubectl exec -n forkguard-system", note, StringComparison.Ordinal);
        Assert.InRange(note.Length, 1, 1024);
    }
}
