using ForkGuard.Cli.Checking;
using ForkGuard.Host.Restarts;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Policy.Messages;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Cli.Watching;

/// <summary>Restarts of units for the watches that ask for them. Without such a watch nothing is loaded, connected or created.</summary>
internal sealed class HostRestarts(Func<UnitRestarter> create, TimeProvider time) : IDisposable
{
    private UnitRestarter? _restarter;

    /// <summary>Passes on what the watches want after a scan, and adds the events since the last one.</summary>
    /// <param name="trackers">The evaluated watches.</param>
    /// <param name="scan">The scan by the rule of the machine.</param>
    /// <param name="events">Takes the events.</param>
    internal void Scanned(IReadOnlyList<TargetTracker> trackers, WatchScan scan, ICollection<WatchEvent> events)
    {
        var asking = trackers.Where(tracker => tracker.Watch.RestartUnits.Count > 0).ToList();
        if (asking.Count == 0 && _restarter is null)
        {
            return;
        }

        _restarter ??= create();
        foreach (var e in _restarter.TakeEvents())
        {
            events.Add(new WatchEvent(scan.Time, e.Type, e.Message) { Watch = e.Watch, Unit = e.Unit });
        }

        _restarter.Observe(
            new UnitScan
            {
                Time = scan.Time,
                Timestamp = time.GetTimestamp(),
                Interval = scan.Interval,
                OvercommitMode = (int)scan.State.Mode,
                LimitChanged = scan.LimitChanged,
                Processes = scan.Processes,
                UnlistedBelow = scan.UnlistedBelow,
                Units =
                [
                    .. asking.SelectMany(tracker =>
                        tracker.Watch.RestartUnits.Select(unit => new NamedUnit(tracker.Watch.Reference, unit))
                    ),
                ],
                Wants = [.. asking.SelectMany(tracker => WantsOf(tracker, asking, scan))],
                IsAlive = scan.IsAlive,
            }
        );
    }

    public void Dispose() => _restarter?.Dispose();

    /// <summary>One want for each unit: that without an objection, otherwise that of the highest level.</summary>
    private static IEnumerable<UnitWant> WantsOf(
        TargetTracker tracker,
        IReadOnlyList<TargetTracker> asking,
        WatchScan scan
    ) =>
        tracker
            .Wanted.Where(wanted =>
                tracker.Watch.RestartUnits.Contains(wanted.Target.Process?.SystemdUnit, StringComparer.Ordinal)
            )
            .GroupBy(wanted => wanted.Target.Process!.SystemdUnit!, StringComparer.Ordinal)
            .Select(ofUnit =>
                ofUnit.OrderBy(wanted => wanted.Action.BlockedBy.Count).ThenByDescending(PercentOf).First()
            )
            .Select(wanted => WantOf(tracker.Watch, wanted, asking, scan.State));

    private static int PercentOf(WantedRestart wanted) => wanted.Target.Constraint.Percent;

    private static UnitWant WantOf(
        HostWatch watch,
        WantedRestart wanted,
        IReadOnlyList<TargetTracker> asking,
        in KernelState state
    )
    {
        var (process, constraint) = (wanted.Target.Process!, wanted.Target.Constraint);
        var longest = asking
            .Select(tracker => tracker.Watch)
            .Where(other => other.Rule is { Paused: false, DryRun: false } && other.Matches(process))
            .Append(watch)
            .MaxBy(other => other.Policy.Cooldown)!;
        var numbers = EventNote.Of(
            RiskAnnouncementType.ForkRecovered,
            process,
            constraint,
            MachinePlace.Here,
            HostFacts.Of(state)
        );
        return new UnitWant
        {
            Watch = watch.Reference,
            Unit = process.SystemdUnit!,
            Policy = watch.Policy,
            ActAtPercent = watch.Rule.ActAtPercent,
            Process = process,
            Constraint = constraint,
            Reason = $"{ProcessSubject.Of(process, node: null)} is at {constraint.Percent} % of the limit; {numbers}",
            BlockedBy = wanted.Action.BlockedBy,
            Cooldown = longest.Policy.Cooldown,
            CooldownWatch = longest.Reference.ToString(),
            IsDryRun = watch.Rule.DryRun,
        };
    }
}

/// <summary>A restart that the evidence of a target asks for, and what the evaluation has against it.</summary>
internal sealed record WantedRestart(WatchTarget Target, ActionDecision Action);
