using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Ends targets whose pod or node is gone, drops those that the watch does not select any more, and lets recoveries go on.</summary>
internal sealed class TargetPruner(
    Caches caches,
    WatchSelection selection,
    NodeReadings readings,
    TimeSpan silentAfter,
    TimeProvider time
)
{
    /// <returns>True while a target is recovering.</returns>
    internal bool Prune(TargetTracker tracker)
    {
        var now = time.GetUtcNow();
        var isEasing = tracker.Prune(IsGone, state => IsSelected(tracker.Watch, state), silentAfter, now);
        return tracker.Repeat(IsSilent, silentAfter, now) || isEasing;
    }

    private bool IsGone(TargetState state) =>
        state.Pod is { } pod
            ? !string.Equals(
                caches.Pods.Get(new ResourceKey(pod.Namespace, pod.Name))?.Metadata?.Uid,
                pod.Uid,
                StringComparison.Ordinal
            )
            : caches.Nodes.Get(new ResourceKey("", state.Node)) is null;

    private bool IsSelected(Watch watch, TargetState state) =>
        watch.Selects(state.Process, state.Constraint)
        && (
            state.Pod is not { } pod
            || (
                caches.Pods.Get(new ResourceKey(pod.Namespace, pod.Name)) is { } known
                && selection.Selects(watch, known)
            )
        );

    private bool IsSilent(string node) => readings.IsSilent(node, silentAfter);
}
