using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Controller.Evaluation;

/// <summary>The reading that decides about a target: a target is as bad as its worst process.</summary>
internal sealed record TargetReading(PodReference? Pod, ProcessReport? Process, ConstraintReport Constraint);

/// <summary>Finds the targets of a watch in a report.</summary>
internal static class TargetReadings
{
    /// <summary>The targets that a list names, each with its worst reading.</summary>
    /// <param name="watch">The watch.</param>
    /// <param name="node">The node that reported.</param>
    /// <param name="selected">The processes that the watch selects.</param>
    /// <param name="sharers">
    /// All processes of the pods that the watch selects, and of the units of selected host processes, whatever their container
    /// and command.
    /// </param>
    internal static Dictionary<Target, TargetReading> Of(
        Watch watch,
        string node,
        IReadOnlyList<ResolvedProcess> selected,
        IReadOnlyList<ResolvedProcess> sharers
    )
    {
        var found = new Dictionary<Target, TargetReading>();
        foreach (var process in selected)
        {
            foreach (var constraint in process.Report.Constraints ?? [])
            {
                Add(found, watch.Rule, node, process, constraint);
            }
        }

        // The tasks of a pod, container or unit are in its worst entry alone. The limit is also that of the commands that the
        // watch names. In a pod they need not have an entry at all.
        foreach (var process in sharers)
        {
            foreach (var constraint in process.Report.Constraints ?? [])
            {
                if (watch.Selector.Shares(process.Report, constraint))
                {
                    Add(found, watch.Rule, node, process, constraint);
                }
            }
        }

        return found;
    }

    /// <summary>The constraints of the whole node under a watch of host processes.</summary>
    internal static Dictionary<Target, TargetReading> OfNode(Watch watch, NodeReading reading)
    {
        var found = new Dictionary<Target, TargetReading>();
        if (watch.Selector.WatchesHosts && watch.Rule.EvaluateAs == EvaluationMode.Actual)
        {
            foreach (var constraint in reading.Status.Constraints ?? [])
            {
                // The charge of each process is evaluated: a process is what its fork adds.
                if (constraint.Type != ConstraintType.CommitCharge && watch.Rule.Evaluates(process: null, constraint))
                {
                    var target = Target.Of(podUid: null, reading.Node, process: null, constraint);
                    found.TryAdd(target, new TargetReading(Pod: null, Process: null, constraint));
                }
            }
        }

        return found;
    }

    private static void Add(
        Dictionary<Target, TargetReading> found,
        WatchRule rule,
        string node,
        ResolvedProcess process,
        ConstraintReport constraint
    )
    {
        if (!rule.Evaluates(process.Report, constraint))
        {
            return;
        }

        var target = Target.Of(process.Reference?.Uid, node, process.Report, constraint);
        if (
            !found.TryGetValue(target, out var worst)
            || rule.RankOf(constraint).CompareTo(rule.RankOf(worst.Constraint)) > 0
        )
        {
            found[target] = new TargetReading(process.Reference, process.Report, constraint);
        }
    }
}
