using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Status;

/// <summary>Collects the situation of a watch.</summary>
internal sealed class SituationReader(
    WatchSelection selection,
    NodeReadings readings,
    RestartStore records,
    ServerClock clock,
    TimeSpan silentAfter
)
{
    internal WatchSituation Read(
        WatchResource resource,
        TargetTracker tracker,
        IReadOnlyList<SuppressedTarget> suppressed
    )
    {
        var watch = tracker.Watch;
        List<NodeReading?> nodes = [.. selection.NodesOf(watch).Select(ReadingOf)];
        return new WatchSituation(resource, watch, tracker.Targets, nodes, suppressed, GivenUp(watch));
    }

    private NodeReading? ReadingOf(string node) => readings.IsSilent(node, silentAfter) ? null : readings.Of(node);

    /// <summary>Returns the workloads that have reached maxIneffectiveRestarts of the watch; null without the time.</summary>
    private IReadOnlyList<GivenUpWorkload>? GivenUp(Watch watch) =>
        clock.Now is not { } now
            ? null
            :
            [
                .. from record in records.Known
                where
                    record.Status?.History is [{ Watch: var last }, ..]
                    && string.Equals(last, watch.Identity.ToString(), StringComparison.Ordinal)
                let count = RestartRecords.IneffectiveInLastDay(record.Status, now)
                where count >= watch.Policy.MaxIneffectiveRestarts
                let owner = record.Spec.Owner
                select new GivenUpWorkload($"{owner.Kind} {record.Metadata?.Namespace}/{owner.Name}", count),
            ];
}
