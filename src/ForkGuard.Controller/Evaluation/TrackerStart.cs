using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>
/// Starts the tracker of a watch: the last reports that came under this controller are evaluated at once. Reports that were there
/// before may be of any age; they only restore targets that the status of the watch had no place for.
/// </summary>
internal sealed class TrackerStart(
    ReportEvaluator evaluator,
    NodeReadings readings,
    WatchSelection selection,
    IResourceCache<NodeForkReport> reports,
    TimeSpan silentAfter,
    TimeProvider time
)
{
    internal void Begin(TargetTracker tracker, WatchStatus? status)
    {
        var restored = new List<(Target Target, TargetReading Found, NodeReading Reading)>();
        foreach (var node in selection.NodesOf(tracker.Watch))
        {
            if (reports.Get(new ResourceKey("", node)) is { } report)
            {
                readings.Prime(report);
            }

            if (readings.Of(node) is not { } reading)
            {
                continue;
            }

            if (reading.SeenTimestamp is null)
            {
                restored.AddRange(Unlisted(tracker, status, reading));
            }
            else if (!readings.IsSilent(node, silentAfter))
            {
                evaluator.EvaluateLast(tracker, reading);
            }
        }

        TakeOver(tracker, status, restored);
    }

    private IEnumerable<(Target, TargetReading, NodeReading)> Unlisted(
        TargetTracker tracker,
        WatchStatus? status,
        NodeReading reading
    ) =>
        TargetMemory.IsCut(status)
            ? evaluator
                .TargetsOf(tracker.Watch, reading)
                .Where(target => MayHaveBeenAtRisk(tracker.Watch, target.Value.Constraint))
                .Select(target => (target.Key, target.Value, reading))
            : [];

    private static bool MayHaveBeenAtRisk(Watch watch, ConstraintReport constraint) =>
        constraint.Problem is null
        && constraint.Confidence != Confidence.UpperBound
        && (constraint.Refuses == true || RiskRank.IsMoreThanSteady(constraint))
        && (constraint.Percent >= watch.Rule.ClearBelowPercent || RiskRank.IsForecast(constraint, watch.Rule.Forecast));

    /// <summary>The status has the worst targets and the number of all pods: the worst of the others, up to that number, were announced.</summary>
    private void TakeOver(
        TargetTracker tracker,
        WatchStatus? status,
        List<(Target Target, TargetReading Found, NodeReading Reading)> restored
    )
    {
        var pods = tracker
            .Targets.Where(state => state.Pod is not null)
            .Select(state => state.Target.PodUid)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (target, found, reading) in restored.OrderByDescending(entry => entry.Found.Constraint.Percent))
        {
            if (
                target.IsPod
                    ? pods.Contains(target.PodUid) || pods.Count < status?.PodsAtRisk
                    : found.Constraint.Percent >= tracker.Watch.Rule.WarnAtPercent
            )
            {
                pods.UnionWith(target.IsPod ? [target.PodUid] : []);
                tracker.TakeOver(target, found, reading, time.GetUtcNow());
            }
        }
    }
}
