using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Evaluates a node's report under every watch.</summary>
internal sealed class ReportEvaluator(
    TargetTrackers trackers,
    ProcessResolver resolver,
    IResourceCache<Pod> pods,
    IResourceCache<Namespace> namespaces,
    TimeProvider time
)
{
    /// <summary>Evaluates a report that changed, and what it does not name any more.</summary>
    /// <returns>The watches that have something of this node.</returns>
    internal IReadOnlyCollection<WatchIdentity> Evaluate(NodeReading reading)
    {
        var resolved = new Dictionary<IReadOnlyList<ProcessReport>, ResolvedProcesses>(
            ReferenceEqualityComparer.Instance
        );
        var own = reading.By(EvaluationMode.Actual)!;
        resolved[own.Processes] = resolver.Resolve(reading, own);
        var concerned = new List<WatchIdentity>();
        foreach (var tracker in trackers.All)
        {
            // Without a list by its rule the report proves nothing to the watch, and nothing has recovered for that.
            if (reading.By(tracker.Watch.Rule.EvaluateAs) is not { } reported)
            {
                continue;
            }

            if (!resolved.TryGetValue(reported.Processes, out var processes))
            {
                resolved[reported.Processes] = processes = resolver.Resolve(reading, reported);
            }

            if (Evaluate(tracker, processes, reading))
            {
                concerned.Add(tracker.Watch.Identity);
            }
        }

        return concerned;
    }

    /// <summary>Evaluates the last report of a node under a new watch, or one whose spec changed.</summary>
    internal void EvaluateLast(TargetTracker tracker, NodeReading reading)
    {
        if (reading.By(tracker.Watch.Rule.EvaluateAs) is { } reported)
        {
            Evaluate(tracker, resolver.Resolve(reading, reported), reading);
        }
    }

    /// <summary>The targets that a report names under a watch.</summary>
    internal IReadOnlyDictionary<Target, TargetReading> TargetsOf(Watch watch, NodeReading reading) =>
        reading.By(watch.Rule.EvaluateAs) is { } reported
            ? Named(watch, resolver.Resolve(reading, reported), reading, out _)
            : new Dictionary<Target, TargetReading>();

    /// <returns>The watch has or had something of this node.</returns>
    private bool Evaluate(TargetTracker tracker, ResolvedProcesses processes, NodeReading reading)
    {
        var now = time.GetUtcNow();
        var watch = tracker.Watch;
        var named = Named(watch, processes, reading, out var selected);
        foreach (var (target, found) in named)
        {
            tracker.Evaluate(target, found, reading, now);
        }

        var hadSome = tracker.HasOn(reading.Node);
        tracker.EvaluateAbsent(
            reading,
            target => named.ContainsKey(target),
            state => BelowOf(watch, state, reading, processes, selected),
            now
        );
        return hadSome;
    }

    private Dictionary<Target, TargetReading> Named(
        Watch watch,
        ResolvedProcesses processes,
        NodeReading reading,
        out List<ResolvedProcess> selected
    )
    {
        selected = processes.Processes.Where(process => IsOf(watch, process)).ToList();
        var units = selected
            .Where(process => process.Pod is null)
            .Select(process => process.Report.SystemdUnit)
            .ToHashSet(StringComparer.Ordinal);
        var sharers = processes
            .Processes.Where(process =>
                process.Pod is null ? units.Contains(process.Report.SystemdUnit) : IsInPodOf(watch, process)
            )
            .ToList();
        var named = TargetReadings.Of(watch, reading.Node, selected, sharers);
        foreach (var (target, found) in TargetReadings.OfNode(watch, reading))
        {
            named.TryAdd(target, found);
        }

        return named;
    }

    /// <summary>The percentage that a target is proven to be below although no entry has it; null if nothing is proven.</summary>
    private int? BelowOf(
        Watch watch,
        TargetState state,
        NodeReading reading,
        ResolvedProcesses processes,
        List<ResolvedProcess> selected
    )
    {
        if (state.Process is null)
        {
            // The list of the node has every constraint that applies, whatever its percentage.
            return reading.Status.Constraints is null ? null : 0;
        }

        if (state.Pod is { } pod && (IsMismatched(state, processes) || HasLeft(watch, pod)))
        {
            return null;
        }

        var sharers = Absence.IsOfProcess(state.Constraint)
            ? selected.Where(process => IsOf(state.Target, process))
            : processes.Processes.Where(process => MayShare(state.Target, process));
        return Absence.BelowOf(state.Constraint, sharers.Select(process => process.Report), processes.AbsentBelow);
    }

    /// <summary>The process is below some cgroup of the target's hierarchy, whichever container and command it has.</summary>
    private static bool MayShare(Target target, ResolvedProcess process) =>
        target.IsPod
            ? string.Equals(target.PodUid, process.Reference?.Uid, StringComparison.Ordinal)
            : process.Reference is null
                && string.Equals(target.Unit, process.Report.SystemdUnit ?? "", StringComparison.Ordinal);

    private static bool IsMismatched(TargetState state, ResolvedProcesses processes) =>
        processes.Mismatched.Contains(state.Pod?.Uid ?? "")
        || processes.Mismatched.Contains(state.Process?.Pod?.Uid ?? "");

    /// <summary>The pod is there and the watch does not select it any more, which is not a recovery.</summary>
    private bool HasLeft(Watch watch, PodReference pod) =>
        pods.Get(new ResourceKey(pod.Namespace, pod.Name)) is { } known
        && string.Equals(known.Metadata?.Uid, pod.Uid, StringComparison.Ordinal)
        && !watch.Matches(known, SpaceOf(known));

    private static bool IsOf(Target target, ResolvedProcess process) =>
        target.IsPod
            ? string.Equals(target.PodUid, process.Reference?.Uid, StringComparison.Ordinal)
                && (
                    target.Container.Length == 0
                    || string.Equals(target.Container, process.Report.Container?.Name, StringComparison.Ordinal)
                )
            : process.Reference is null
                && string.Equals(target.Unit, process.Report.SystemdUnit ?? "", StringComparison.Ordinal)
                && (
                    target.Command.Length == 0
                    || string.Equals(target.Command, process.Report.Command, StringComparison.Ordinal)
                );

    private bool IsOf(Watch watch, ResolvedProcess process) =>
        watch.Selector.Selects(process.Report) && (process.Pod is null || IsInPodOf(watch, process));

    private bool IsInPodOf(Watch watch, ResolvedProcess process) =>
        process.Pod is { } pod && watch.Matches(pod, SpaceOf(pod));

    private Namespace? SpaceOf(Pod pod) => namespaces.Get(new ResourceKey("", pod.Metadata?.Namespace ?? ""));
}
