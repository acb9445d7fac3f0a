using System.Diagnostics;
using ForkGuard.Agent.Output;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Watching;

/// <summary>The manifests' policy against this machine, one scan at a time, without a cluster.</summary>
internal sealed class WatchSession : IDisposable
{
    private readonly KernelStateReader _reader;
    private readonly Dictionary<EvaluationMode, RuleScan> _scans = [];
    private readonly List<WatchJudge> _judges = [];
    private readonly List<WatchEvent> _events = [];
    private KernelState? _lastState;
    private DateTimeOffset? _limitChanged;

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal WatchSession(ProcRoot proc, KernelStateReader reader, IReadOnlyList<HostWatch> watches, TimeSpan interval)
    {
        _reader = reader;
        var rules = watches.Select(w => w.Rule.EvaluateAs).Append(EvaluationMode.Actual).Distinct().ToList();
        var maxHeld = DescriptorLimit.Raise() / 2 / rules.Count;
        foreach (var rule in rules)
        {
            var ofRule = watches.Where(w => w.Rule.EvaluateAs == rule).ToList();
            var levels = new ScanLevels(
                ofRule.Select(w => w.LowestPercentThatMatters).DefaultIfEmpty(WatchDefaults.WarnAtPercent).Min(),
                ofRule.Select(w => Math.Max(1, w.Rule.ClearBelowPercent)).DefaultIfEmpty(WatchDefaults.WarnAtPercent).Min()
            );
            _scans[rule] = new RuleScan(proc, rule, levels, maxHeld);
        }

        _judges.AddRange(watches.Select(w => new WatchJudge(w, _scans[w.Rule.EvaluateAs], interval)));
    }

    /// <summary>
    /// Looks once at everything. The outcome is good until the next scan, and its events come again until they are told.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The next scan goes on from where the last one that ended well was.</exception>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal ScanOutcome Scan(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        if (!_reader.TryRead(out var state, out var problem))
        {
            return new ScanOutcome
            {
                Time = now,
                Events = _events,
                Problem = problem,
            };
        }

        NoteChanges(state, now);
        _lastState = state;
        var scan = new ScanReport();
        foreach (var (rule, ruleScan) in _scans)
        {
            Dictionary<ProcessIdentity, ScannedProcess> found;
            try
            {
                found = ruleScan.Scan(state, now, cancellationToken);
            }
            catch (IOException e)
            {
                return new ScanOutcome
                {
                    Time = now,
                    Events = _events,
                    Problem = e.Message,
                };
            }

            foreach (var judge in _judges.Where(j => j.Watch.Rule.EvaluateAs == rule))
            {
                judge.Judge(found, state, _limitChanged, now, _events);
            }

            var statistics = ruleScan.Statistics;
            scan = scan with
            {
                Processes = statistics.Processes,
                MapsReads = scan.MapsReads + statistics.MapsReads,
                SmapsReads = scan.SmapsReads + statistics.SmapsReads,
                Unreadable = Math.Max(scan.Unreadable, statistics.Unreadable),
            };
        }

        return new ScanOutcome
        {
            Time = now,
            State = state,
            Events = _events,
            AtRisk = _judges.Sum(j => j.AtRisk),
            Undecided = _judges.Sum(j => j.Undecided),
            Scan = scan with { DurationMicroseconds = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds },
        };
    }

    /// <summary>The events so far are where they should be.</summary>
    internal void EventsAreTold() => _events.Clear();

    /// <summary>The worst processes of the last scan by the kernel's own rule, worst first.</summary>
    internal IReadOnlyList<ProcessReport> Worst(int count, DateTimeOffset now) =>
        _lastState is { } state ? _scans[EvaluationMode.Actual].Worst(state, count, now) : [];

    public void Dispose()
    {
        foreach (var scan in _scans.Values)
        {
            scan.Dispose();
        }
    }

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
            _events.Add(
                new WatchEvent(now, "OvercommitModeChanged", null, null, reason, ModeText.Rule(state), Count: 1)
            );
        }
    }
}

/// <summary>What one scan gave.</summary>
internal sealed record ScanOutcome
{
    internal required DateTimeOffset Time { get; init; }
    internal required IReadOnlyList<WatchEvent> Events { get; init; }
    internal KernelState State { get; init; }
    internal ScanReport Scan { get; init; } = new();

    /// <summary>Processes at risk, summed over the watches.</summary>
    internal int AtRisk { get; init; }

    /// <summary>Processes that could be at risk and could not be read, summed over the watches.</summary>
    internal int Undecided { get; init; }

    /// <summary>Why nothing could be judged; null if all is well.</summary>
    internal string? Problem { get; init; }
}
