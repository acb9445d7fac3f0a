using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Watching;

/// <summary>Evaluates the targets of one watch from scan to scan.</summary>
internal sealed class TargetTracker(HostWatch watch)
{
    private readonly Dictionary<TargetKey, Tracked> _tracked = [];

    internal HostWatch Watch { get; } = watch;

    /// <summary>Targets that are at or above the warning level now, announced or not, or refuse a fork.</summary>
    internal int AtRisk { get; private set; }

    /// <summary>Targets that could be at risk and could not be read.</summary>
    internal int Undecided { get; private set; }

    /// <summary>Evaluates every target of a scan, and those of earlier scans that it does not have.</summary>
    internal void Evaluate(WatchScan scan, ICollection<WatchEvent> events)
    {
        AtRisk = 0;
        Undecided = 0;
        var seen = new HashSet<TargetKey>();
        foreach (var target in TargetsOf(scan))
        {
            if (seen.Add(target.Key))
            {
                Evaluate(target, scan, events);
            }
        }

        foreach (var (key, past) in _tracked.Where(tracked => !seen.Contains(tracked.Key)).ToList())
        {
            EvaluateAbsent(key, past, scan, events);
        }
    }

    private IEnumerable<WatchTarget> TargetsOf(WatchScan scan)
    {
        foreach (var process in scan.Processes.Where(Watch.Matches))
        {
            foreach (var constraint in process.Constraints ?? [])
            {
                if (Watch.Rule.Evaluates(process, constraint))
                {
                    yield return new WatchTarget(process, constraint);
                }
            }
        }

        foreach (var target in SharedTargetsOf(scan))
        {
            yield return target;
        }

        foreach (var constraint in scan.NodeConstraints.Where(IsOfMachine))
        {
            if (Watch.Rule.Evaluates(process: null, constraint))
            {
                yield return new WatchTarget(null, constraint);
            }
        }
    }

    // What a unit shares is in its worst entry alone, which may be of a command that the watch does not name.
    private IEnumerable<WatchTarget> SharedTargetsOf(WatchScan scan)
    {
        foreach (var other in scan.Processes.Where(other => other.Pod is null && !Watch.Matches(other)))
        {
            if (other.SystemdUnit is not { } unit)
            {
                continue;
            }

            var shared = (other.Constraints ?? []).Where(constraint => Matters(constraint, unit)).ToList();
            var member =
                shared.Count == 0
                    ? null
                    : scan.Processes.FirstOrDefault(process => process.SystemdUnit == unit && Watch.Matches(process))
                        ?? scan.FindMember(unit, Watch);
            if (member is not null)
            {
                foreach (var constraint in shared.Where(constraint => Watch.Rule.Evaluates(member, constraint)))
                {
                    yield return new WatchTarget(member, constraint);
                }
            }
        }
    }

    private bool Matters(ConstraintReport constraint, string unit) =>
        IsOfWholeUnit(constraint, unit)
        && (constraint.Refuses == true || constraint.Percent >= Watch.LowestPercentThatMatters);

    // A cgroup below that of the unit may hold one of the processes alone.
    private static bool IsOfWholeUnit(ConstraintReport constraint, string unit) =>
        constraint.Type.Known is ConstraintType.Pids or ConstraintType.ContainerMemory
        && constraint.ScopeName is { } scope
        && !scope.Contains($"/{unit}/", StringComparison.Ordinal);

    // A process's own CommitCharge has the node's in it.
    private static bool IsOfMachine(ConstraintReport constraint) => constraint.Type != ConstraintType.CommitCharge;

    private void Evaluate(WatchTarget target, WatchScan scan, ICollection<WatchEvent> events)
    {
        var past = _tracked.GetValueOrDefault(target.Key);
        var input = new RiskInput(
            target.Process,
            target.Constraint,
            (int)scan.State.Mode,
            IsFresh(target, scan),
            scan.Interval,
            scan.LimitChanged
        );
        var evaluation = RiskEvaluator.Evaluate(Watch.Rule, past?.Memory, input, scan.Time);
        Count(evaluation);
        Add(evaluation.Announcements, target, scan, events);

        // Last: where memory runs out, the next scan announces again what this one could not.
        _tracked[target.Key] = new Tracked(evaluation.Next, target);
    }

    private void EvaluateAbsent(TargetKey key, Tracked past, WatchScan scan, ICollection<WatchEvent> events)
    {
        if (!past.Memory.IsAnnounced)
        {
            _tracked.Remove(key);
            return;
        }

        var cause = CauseOf(past.Target, scan);
        var evaluation = RiskEvaluator.EvaluateAbsent(Watch.Rule, past.Memory, cause, scan.Interval, scan.Time);
        Add(evaluation.Announcements, past.Target, scan, events);
        if (evaluation.Level is RiskLevel.Clear or RiskLevel.NotApplicable)
        {
            _tracked.Remove(key);
        }
        else
        {
            _tracked[key] = past with { Memory = evaluation.Next };
        }
    }

    private static RecoveryCause CauseOf(WatchTarget target, WatchScan scan) =>
        target.Process is null ? RecoveryCause.NoLongerReported
        : !scan.IsAlive(target.Process) ? RecoveryCause.Ended
        : IsAccounting(target.Constraint) && scan.State.Mode == Kernel.Accounting.OvercommitMode.Always
            ? RecoveryCause.NotApplicable
        : RecoveryCause.NoLongerReported;

    private static bool IsAccounting(ConstraintReport constraint) =>
        constraint.Type.Known is ConstraintType.LargestMapping or ConstraintType.CommitCharge;

    // Only mappings are kept from one scan to the next.
    private static bool IsFresh(WatchTarget target, WatchScan scan) =>
        target.Process is not { } process || !IsAccounting(target.Constraint) || process.MeasuredTime >= scan.Time;

    private void Count(Evaluation evaluation)
    {
        AtRisk += evaluation.Level
            is RiskLevel.Pending
                or RiskLevel.NearLimit
                or RiskLevel.AtRisk
                or RiskLevel.Impossible
            ? 1
            : 0;
        Undecided += evaluation.Level is RiskLevel.Unknown || evaluation.NeedsFreshReading ? 1 : 0;
    }

    private void Add(
        IReadOnlyList<RiskAnnouncement> announcements,
        WatchTarget target,
        WatchScan scan,
        ICollection<WatchEvent> events
    )
    {
        foreach (var announcement in announcements)
        {
            events.Add(
                new WatchEvent(
                    scan.Time,
                    announcement.Type.ToString(),
                    AnnouncementText.Of(Watch.Rule, announcement, target.Constraint)
                )
                {
                    Watch = Watch.Name,
                    Process = target.Process,
                    Constraint = target.Constraint,
                    Note = EventNote.Of(
                        announcement.Type,
                        target.Process,
                        target.Constraint,
                        Place.Host,
                        HostFacts.Of(scan.State)
                    ),
                    Count = announcement.Count,
                }
            );
        }
    }

    private sealed record Tracked(RiskMemory Memory, WatchTarget Target);
}
