using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Serving;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Watching;

/// <summary>Evaluates the targets of one watch from scan to scan.</summary>
internal sealed class TargetTracker(HostWatch watch)
{
    private readonly Dictionary<TargetKey, Tracked> _tracked = [];
    private readonly RecentMemories<TargetKey> _recent = new();
    private readonly Dictionary<string, int> _atRisk = new(StringComparer.Ordinal);
    private readonly List<WantedRestart> _wanted = [];

    internal HostWatch Watch { get; } = watch;

    /// <summary>Targets that are at or above the warning level now, announced or not, or refuse a fork.</summary>
    internal int AtRisk { get; private set; }

    /// <summary>Restarts that the last scan asks for.</summary>
    internal IReadOnlyList<WantedRestart> Wanted => _wanted;

    /// <summary>Targets that could be at risk and could not be read.</summary>
    internal int Undecided { get; private set; }

    /// <summary>Number of targets at risk for every constraint that the watch evaluates.</summary>
    internal IEnumerable<WatchRisk> Risks =>
        Enum.GetValues<ConstraintType>()
            .Where(Watch.Rule.Evaluates)
            .Select(type => type.ToString())
            .Union(_atRisk.Keys, StringComparer.Ordinal)
            .Select(type => new WatchRisk(
                ForkGuardApi.ClusterForkWatchKind,
                Watch.Rule.Name,
                type,
                _atRisk.GetValueOrDefault(type)
            ));

    /// <summary>Takes over what the watch announced before its manifest changed. Holds start again.</summary>
    internal void Inherit(TargetTracker earlier, DateTimeOffset now)
    {
        if (earlier.Watch.Rule.EvaluateAs != Watch.Rule.EvaluateAs)
        {
            // The evaluation by one rule shows nothing about that by another.
            return;
        }

        _recent.KeepAllOf(earlier._recent);
        foreach (var (key, past) in earlier._tracked)
        {
            // A target that the watch does not select any more has not recovered.
            if (Selects(past.Target))
            {
                _tracked[key] = past with { Memory = past.Memory.WithoutHolds() };
            }
            else
            {
                _recent.Inherit(key, past.Memory, now);
            }
        }
    }

    /// <summary>Evaluates every target of a scan, and those of earlier scans that it does not have.</summary>
    internal void Evaluate(WatchScan scan, ICollection<WatchEvent> events)
    {
        AtRisk = 0;
        Undecided = 0;
        _atRisk.Clear();
        _wanted.Clear();
        var targets = ScanTargets.Of(Watch, scan);
        foreach (var target in targets.Values)
        {
            Evaluate(target, scan, events);
        }

        foreach (var (key, past) in _tracked.Where(tracked => !targets.ContainsKey(tracked.Key)).ToList())
        {
            EvaluateAbsent(key, past, scan, events);
        }
    }

    private bool Selects(WatchTarget target) =>
        Watch.Rule.Evaluates(target.Process, target.Constraint)
        && (target.Process is not { } process || Watch.Matches(process));

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
        var memory = past?.Memory ?? _recent.Find(target.Key, scan.Time);
        var evaluation = RiskEvaluator.Evaluate(Watch.Rule, memory, input, scan.Time);
        Count(evaluation, target.Constraint.Type.Text);
        if (evaluation.Action.Wanted)
        {
            _wanted.Add(new WantedRestart(target, evaluation.Action));
        }

        Add(evaluation.Announcements, target, scan, events);

        // Last: where memory runs out, the next scan announces again what this one could not.
        _tracked[target.Key] = new Tracked(evaluation.Next, target);
        _recent.Remove(target.Key);
    }

    private void EvaluateAbsent(TargetKey key, Tracked past, WatchScan scan, ICollection<WatchEvent> events)
    {
        if (scan.IsWhatIf && !IsAccounting(past.Target.Constraint))
        {
            Leave(key, past.Memory, scan.Time);
            return;
        }

        var cause = CauseOf(past.Target, scan);
        if (cause != RecoveryCause.NotApplicable && !IsProvenClear(key, past.Target, scan))
        {
            KeepUnproven(key, past, scan);
            return;
        }

        var evaluation = RiskEvaluator.EvaluateAbsent(Watch.Rule, past.Memory, cause, scan.Interval, scan.Time);
        Add(evaluation.Announcements, past.Target, scan, events);
        if (evaluation.Level is RiskLevel.Clear or RiskLevel.NotApplicable)
        {
            Leave(key, evaluation.Next, scan.Time);
        }
        else
        {
            _tracked[key] = past with { Memory = evaluation.Next };
        }
    }

    private bool IsProvenClear(in TargetKey key, WatchTarget target, WatchScan scan)
    {
        if (target.Process is not { } process)
        {
            return true;
        }

        var command = key.Command;
        var isOfProcess = Absence.IsOfProcess(target.Constraint);
        var isAboveUnit = IsAboveUnit(process.SystemdUnit, target.Constraint.ScopeName);
        var sharers = scan.Processes.Where(other =>
            other.Pod is null
            && (
                (isAboveUnit && Absence.MayShareTasks(target.Constraint, other))
                || (
                    other.SystemdUnit == process.SystemdUnit
                    && (!isOfProcess || ((command is null || other.Command == command) && Watch.Matches(other)))
                )
            )
        );
        return Absence.BelowOf(target.Constraint, sharers, scan.UnlistedBelow) <= Watch.Rule.ClearBelowPercent;
    }

    // A slice outlives the unit that showed its limit.
    private static bool IsAboveUnit(string? unit, string? scope) =>
        unit is not null && scope is not null && !$"{scope}/".Contains($"/{unit}/", StringComparison.Ordinal);

    // Where two levels of a hierarchy are equally full, each is the tightest by turns.
    private void KeepUnproven(TargetKey key, Tracked past, WatchScan scan)
    {
        if (!past.Memory.IsAnnounced && Continuity.IsBroken(past.Memory, scan.Interval, scan.Time))
        {
            Leave(key, past.Memory, scan.Time);
        }
        else
        {
            _tracked[key] = past with { Memory = past.Memory with { ClearSince = null } };
        }
    }

    private void Leave(TargetKey key, RiskMemory memory, DateTimeOffset now)
    {
        _recent.Keep(key, memory, now);
        _tracked.Remove(key);
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

    private void Count(RiskEvaluation evaluation, string constraint)
    {
        if (evaluation.Level is RiskLevel.Pending or RiskLevel.NearLimit or RiskLevel.AtRisk or RiskLevel.Impossible)
        {
            AtRisk++;
            _atRisk[constraint] = _atRisk.GetValueOrDefault(constraint) + 1;
        }

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
                    AnnouncementText.Of(Watch.Rule, announcement, target.Process, target.Constraint)
                )
                {
                    Watch = Watch.Name,
                    Process = target.Process,
                    Constraint = target.Constraint,
                    Note = EventNote.Of(
                        announcement.Type,
                        target.Process,
                        target.Constraint,
                        MachinePlace.Here,
                        HostFacts.Of(scan.State)
                    ),
                    Count = announcement.Count,
                }
            );
        }
    }

    private sealed record Tracked(RiskMemory Memory, WatchTarget Target);
}
