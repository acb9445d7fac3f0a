using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Matching;

namespace ForkGuard.Cli.Watching;

/// <summary>Finds the targets of a watch in a scan.</summary>
internal static class ScanTargets
{
    /// <summary>The targets that the scan names, each with its worst reading under the watch.</summary>
    internal static OrderedDictionary<TargetKey, WatchTarget> Of(HostWatch watch, WatchScan scan)
    {
        var worst = new OrderedDictionary<TargetKey, WatchTarget>();
        foreach (var target in AllOf(watch, scan))
        {
            if (
                !worst.TryGetValue(target.Key, out var known)
                || watch.Rule.RankOf(target.Constraint).CompareTo(watch.Rule.RankOf(known.Constraint)) > 0
            )
            {
                worst[target.Key] = target;
            }
        }

        return worst;
    }

    private static IEnumerable<WatchTarget> AllOf(HostWatch watch, WatchScan scan)
    {
        foreach (var process in scan.Processes.Where(watch.Matches))
        {
            foreach (var constraint in process.Constraints ?? [])
            {
                if (watch.Rule.Evaluates(process, constraint))
                {
                    yield return new WatchTarget(process, constraint);
                }
            }
        }

        foreach (var target in SharedOf(watch, scan))
        {
            yield return target;
        }

        foreach (var constraint in scan.NodeConstraints.Where(IsOfMachine))
        {
            if (watch.Rule.Evaluates(process: null, constraint))
            {
                yield return new WatchTarget(null, constraint);
            }
        }
    }

    // A constraint that a unit shares is in its worst entry alone, which may be of a command that the watch does not name.
    private static IEnumerable<WatchTarget> SharedOf(HostWatch watch, WatchScan scan)
    {
        foreach (var other in scan.Processes.Where(other => other.Pod is null && !watch.Matches(other)))
        {
            if (other.SystemdUnit is not { } unit)
            {
                continue;
            }

            var shared = (other.Constraints ?? []).Where(constraint => Matters(watch, other, constraint)).ToList();
            var member =
                shared.Count == 0
                    ? null
                    : scan.Processes.FirstOrDefault(process => process.SystemdUnit == unit && watch.Matches(process))
                        ?? scan.FindMember(unit, watch);
            if (member is not null)
            {
                foreach (var constraint in shared.Where(constraint => watch.Rule.Evaluates(member, constraint)))
                {
                    yield return new WatchTarget(member, constraint);
                }
            }
        }
    }

    private static bool Matters(HostWatch watch, ProcessReport process, ConstraintReport constraint) =>
        WatchSelector.SharesUnit(process, constraint)
        && (constraint.Refuses == true || constraint.Percent >= watch.LowestPercentThatMatters);

    // A process's own CommitCharge has the node's in it.
    private static bool IsOfMachine(ConstraintReport constraint) => constraint.Type != ConstraintType.CommitCharge;
}
