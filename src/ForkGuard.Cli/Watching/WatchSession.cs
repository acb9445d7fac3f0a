using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Watching;

/// <summary>The manifests' policy against this machine, one scan at a time, without a cluster.</summary>
internal sealed class WatchSession : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly NodeScanner _scanner;
    private readonly TimeSpan _interval;
    private readonly LoggedRefusals? _log;
    private readonly HostRestarts? _restarts;
    private ReportSettings _settings;
    private IReadOnlyList<HostWatch> _watches;
    private List<TargetTracker> _trackers;
    private readonly List<WatchEvent> _events = [];
    private KernelState? _lastState;
    private DateTimeOffset? _limitChanged;

    /// <param name="proc">Where to scan.</param>
    /// <param name="reader">Reads the settings of the same machine.</param>
    /// <param name="watches">Watches to evaluate.</param>
    /// <param name="interval">Time between two scans.</param>
    /// <param name="budget">Time that a scan may spend on maps and smaps.</param>
    /// <param name="restarts">Restarts the units of watches that ask for it; null restarts nothing.</param>
    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal WatchSession(
        ProcRoot proc,
        KernelStateReader reader,
        IReadOnlyList<HostWatch> watches,
        TimeSpan interval,
        ScanBudget budget,
        HostRestarts? restarts = null
    )
    {
        _proc = proc;
        _restarts = restarts;
        _interval = interval;
        _watches = watches;
        _settings = SettingsOf(watches, interval);
        _scanner = new NodeScanner(proc, reader, proc.IsLive ? new CgroupRoot(proc) : null, budget: budget);
        _log = LoggedRefusals.TryOpen(proc);
        _trackers = [.. watches.Select(watch => new TargetTracker(watch))];
    }

    /// <summary>Scans once. The outcome is good until the next scan, and its events come again until they are forgotten.</summary>
    /// <exception cref="OutOfMemoryException">The next scan goes on from where the last one that ended well was.</exception>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal ScanOutcome Scan(DateTimeOffset now, CancellationToken stop)
    {
        if (_scanner.Scan(_settings, now, out var problem, stop) is not { } scan)
        {
            return new ScanOutcome
            {
                Time = now,
                Events = _events,
                Problem = problem,
            };
        }

        NoteChanges(scan.State, now);
        _lastState = scan.State;
        foreach (var tracker in _trackers)
        {
            tracker.Evaluate(ScanFor(tracker.Watch, scan), _events);
        }

        _restarts?.Scanned(_trackers, ScanBy(scan, whatIf: null), _events);
        _log?.AddEvents(_watches, now, _events);
        return new ScanOutcome
        {
            Time = now,
            State = scan.State,
            Events = _events,
            AtRisk = _trackers.Sum(tracker => tracker.AtRisk),
            Risks = [.. _trackers.SelectMany(tracker => tracker.Risks)],
            Undecided = _trackers.Sum(tracker => tracker.Undecided),
            NodeConstraints = scan.Constraints,
            Scan = scan.Scan,
            Node = scan,
        };
    }

    /// <summary>
    /// Evaluates other watches from the next scan on. A watch that is the same keeps its holds and announcements, one that was
    /// changed its announcements.
    /// </summary>
    internal void Apply(IReadOnlyList<HostWatch> watches, DateTimeOffset now)
    {
        _trackers = [.. watches.Select(watch => TrackerOf(watch, now))];
        _settings = SettingsOf(watches, _interval);
        _watches = watches;
    }

    /// <summary>Forgets the events that were written.</summary>
    internal void ForgetEvents() => _events.Clear();

    /// <summary>The worst processes of the last scan: those at risk first, and then the largest.</summary>
    internal IReadOnlyList<ProcessReport> Worst(int count, DateTimeOffset now) => _scanner.Worst(count, now);

    public void Dispose()
    {
        _log?.Dispose();
        _scanner.Dispose();
    }

    private TargetTracker TrackerOf(HostWatch watch, DateTimeOffset now)
    {
        var earlier = _trackers.Find(tracker => tracker.Watch.Name == watch.Name);
        if (earlier?.Watch.IsSameAs(watch) == true)
        {
            return earlier;
        }

        var tracker = new TargetTracker(watch);
        if (earlier is not null)
        {
            tracker.Inherit(earlier, now);
        }

        return tracker;
    }

    private static ReportSettings SettingsOf(IReadOnlyList<HostWatch> watches, TimeSpan interval)
    {
        var rules = watches.Select(watch => watch.Rule).ToList();
        // Growth counts from where a process settled, which may be far below the warning, and a recovery is proven below the
        // level of the report.
        return new ReportSettings(
            rules.Select(rule => rule.ClearBelowPercent).Append(WatchDefaults.ReportAtPercent).Min(),
            rules.Select(rule => rule.WarnAtPercent).DefaultIfEmpty(WatchDefaults.WarnAtPercent).Min(),
            interval
        )
        {
            Forecast = rules.Max(rule => rule.Forecast),
            SnapshotsOfAll = rules.Exists(rule => rule.NamesCopyOnWrite),
            WhatIf = WhatIfRules.From([.. rules.Select(rule => (OpenEnum<EvaluationMode>)rule.EvaluateAs)]),
        };
    }

    private WatchScan ScanFor(HostWatch watch, NodeScan scan) =>
        ScanBy(scan, scan.WhatIf.FirstOrDefault(other => other.Rule == watch.Rule.EvaluateAs));

    private WatchScan ScanBy(NodeScan scan, WhatIfScan? whatIf) =>
        new()
        {
            Time = scan.Time,
            Interval = _settings.Interval,
            State = scan.State,
            Processes = [.. (whatIf?.Processes ?? scan.Processes).Select(process => process.Report)],
            UnlistedBelow = _settings.LevelPercent,
            IsWhatIf = whatIf is not null,
            NodeConstraints = whatIf is null ? scan.Constraints : [],
            LimitChanged = _limitChanged,
            IsAlive = IsAlive,
            FindMember = (unit, asking) => UnitMembers.Find(_proc, unit, asking.Matches),
        };

    private bool IsAlive(ProcessReport process) =>
        ProcessOwner.TryRead(_proc, process.Pid, out var owner) && (long)owner.StartTime == process.StartTimeTicks;

    private void NoteChanges(in KernelState state, DateTimeOffset now)
    {
        if (_lastState is not { } last)
        {
            return;
        }

        if (last.Mode != state.Mode || last.TotalMemory != state.TotalMemory || last.CommitLimit != state.CommitLimit)
        {
            _limitChanged = now;
        }

        if (last.Mode != state.Mode)
        {
            var reason = $"vm.overcommit_memory was {(int)last.Mode} and is now {(int)state.Mode}";
            _events.Add(new WatchEvent(now, WatchEvent.ModeChanged, reason) { Note = ModeText.Rule(state) });
        }
    }
}
