using System.Diagnostics;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Scans this node, for the agent and for <c>forkguard watch</c>: all constraints of all processes, growth, pod or unit. Not
/// for several threads at once.
/// </summary>
internal sealed class NodeScanner : IDisposable
{
    /// <summary>Two what-ifs leave a quarter of the open files to everything else.</summary>
    private const int WhatIfShare = 8;

    private static readonly Dictionary<int, FoundConstraints> None = [];

    private readonly ProcRoot _proc;
    private readonly KernelStateReader _reader;
    private readonly EntryLimits _limits;
    private readonly ReadBudget _budget;
    private readonly int _openFiles = DescriptorLimit.Raise();
    private readonly OwnerCache _owners;
    private readonly RulePass _own;
    private readonly SortedDictionary<EvaluationMode, RulePass> _whatIf = [];
    private readonly ConstraintPass? _constraints;
    private readonly EntryDetails _details;
    private readonly GrowthTracker _nodeGrowth = new();
    private NodeScan? _last;

    /// <param name="proc">Where to scan.</param>
    /// <param name="reader">Reads the settings of the same machine.</param>
    /// <param name="cgroups">
    /// The cgroup file systems of the same machine; disposed with this. Null for a captured /proc: only the accounting of memory
    /// is read then.
    /// </param>
    /// <param name="names">Names of pods; null where nobody asks for pods.</param>
    /// <param name="limits">Room of the lists; null for all entries.</param>
    /// <param name="budget">Time that a scan may spend on maps and smaps; null for the default.</param>
    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal NodeScanner(
        ProcRoot proc,
        KernelStateReader reader,
        CgroupRoot? cgroups,
        PodNames? names = null,
        EntryLimits? limits = null,
        ScanBudget? budget = null
    )
    {
        _proc = proc;
        _reader = reader;
        _limits = limits ?? EntryLimits.None;
        _owners = new OwnerCache(proc);
        _budget = new ReadBudget(budget ?? new ScanBudget(), _owners.PodNumberOf);
        _own = new RulePass(proc, _owners, _openFiles / 2, _budget);
        // Where there are pods there is a kubelet.
        var evictionThreshold = names is null ? 0 : MemoryRoomReader.KubeletEvictionThreshold;
        _constraints = cgroups is null ? null : new ConstraintPass(proc, cgroups, evictionThreshold, _budget);
        _details = new EntryDetails(proc, names, _constraints);
    }

    /// <summary>Reason for which a what-if that is asked for is not in the scan; null if all are.</summary>
    internal string? WhatIfProblem { get; private set; }

    /// <summary>Scans once. Null if the kernel's settings could not be read or the processes not listed.</summary>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal NodeScan? Scan(
        ReportSettings settings,
        DateTimeOffset now,
        out string problem,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            if (!_reader.TryRead(out var state, out problem))
            {
                return null;
            }

            var moment = new ScanMoment(state, state.Mode, settings, Uptime.Read(_proc), now, cancellationToken);
            return _last = Scan(moment);
        }
        catch (IOException e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>
    /// Takes over where constraints had settled, and the refused forks that were counted, by an earlier report of this node, such as
    /// the one that an agent wrote before it was started again.
    /// </summary>
    /// <param name="earlier">An earlier report. Values that settled before the node booted are left out: cgroups keep their paths, and start again.</param>
    /// <param name="now">The time.</param>
    internal void Restore(NodeForkReportStatus earlier, DateTimeOffset now)
    {
        var boot = Uptime.Read(_proc).SinceBoot is { } uptime ? now - uptime : now;
        foreach (var process in earlier.Processes ?? [])
        {
            foreach (var constraint in process.Constraints ?? [])
            {
                Restore(_own.Growth, new ProcessIdentity(process.Pid, process.StartTimeTicks), constraint, boot);
                if (earlier.ObservedTime >= boot)
                {
                    _details.Restore(constraint);
                }
            }
        }

        foreach (var constraint in earlier.Constraints ?? [])
        {
            Restore(_nodeGrowth, default, constraint, boot);
        }
    }

    private static void Restore(
        GrowthTracker growth,
        ProcessIdentity process,
        ConstraintReport constraint,
        DateTimeOffset boot
    )
    {
        if (constraint.Settled?.Time >= boot)
        {
            growth.Restore(process, constraint);
        }
    }

    /// <summary>
    /// The worst processes to show: the entries of the last scan, which puts those at risk first, and then the largest others by
    /// upper bounds.
    /// </summary>
    internal IReadOnlyList<ProcessReport> Worst(int count, DateTimeOffset now)
    {
        if (_last is not { } last)
        {
            return [];
        }

        List<ProcessReport> worst = [.. last.Processes.Take(count).Select(process => process.Report)];
        var listed = worst.Select(report => report.Pid).ToHashSet();
        var others = _own.Scanner.Worst(
            last.State,
            last.State.Mode,
            count + listed.Count,
            now,
            maxMapsReads: 4 * count
        );
        foreach (var reading in others.Where(reading => !listed.Contains(reading.Pid)))
        {
            if (worst.Count < count && _owners.TryFind(reading.Pid, reading.StartTime, out var owner))
            {
                Insert(worst, PlainReport.Of(reading, owner, last.State.Distrust));
            }
        }

        return worst;
    }

    /// <summary>A process that came to the warning level since the last scan stands before those below it.</summary>
    private static void Insert(List<ProcessReport> worst, ProcessReport report)
    {
        var urgency = UrgencyOf(report);
        var index = urgency == Urgency.Low ? -1 : worst.FindIndex(other => UrgencyOf(other) < urgency);
        worst.Insert(index < 0 ? worst.Count : index, report);
    }

    private static Urgency UrgencyOf(ProcessReport report) =>
        report.Constraints is [var first, ..] ? ReportSettings.Default.RankOf(first).Urgency : Urgency.Low;

    public void Dispose()
    {
        _own.Dispose();
        _constraints?.Dispose();
        foreach (var pass in _whatIf.Values)
        {
            pass.Dispose();
        }
    }

    private NodeScan Scan(in ScanMoment moment)
    {
        var started = Stopwatch.GetTimestamp();
        var (state, settings, now) = (moment.State, moment.Settings, moment.Now);
        _owners.Begin(now);
        _details.Begin(now);
        _own.Scan(moment);
        _constraints?.Scan(_own.Scanner, _own.Found, moment);
        var (entries, unlisted) = _own.Evaluate(moment, _constraints?.Found ?? None);
        var own = EntrySelection.Choose(entries, unlisted, _limits);
        RenewWhatIf(settings, state.Mode);
        List<(EvaluationMode Rule, List<GroupEntry> Chosen, int? Omitted)> whatIf = [];
        foreach (var (rule, pass) in _whatIf)
        {
            var asked = moment with { Mode = ModeOf(rule) };
            pass.Scan(asked);
            var (found, left) = pass.Evaluate(asked, None);
            var (chosen, omitted) = EntrySelection.Choose(found, left, _limits);
            whatIf.Add((rule, chosen, omitted));
        }

        _details.LearnNames([.. own.Chosen, .. whatIf.SelectMany(w => w.Chosen)], now);
        var processes = Complete(own.Chosen, moment, own.OmittedBelowPercent, out var ownOmitted);
        List<WhatIfScan> asWhatIf = [];
        foreach (var (rule, chosen, omitted) in whatIf)
        {
            var completed = Complete(chosen, moment, omitted, out var below);
            var limit = AccountingRule.LimitOf(state, ModeOf(rule));
            asWhatIf.Add(
                new WhatIfScan(rule, completed, limit is { } bytes ? KernelConversion.Signed(bytes) : null, below)
            );
        }

        var constraints = ScanNode(moment);
        _owners.End();
        List<RulePass> passes = [_own, .. _whatIf.Values];
        var statistics = Sum(passes);
        return new NodeScan
        {
            Time = now,
            State = state,
            Kernel = state.ToReport(_reader.ReleaseName),
            Statistics = statistics,
            Scan = new ScanReport
            {
                Processes = statistics.Processes,
                MapsReads = statistics.MapsReads,
                SmapsReads = statistics.SmapsReads,
                Unreadable = statistics.Unreadable,
                DurationMicroseconds = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds,
            },
            Constraints = constraints,
            Processes = processes,
            OmittedBelowPercent = ownOmitted,
            WhatIf = asWhatIf,
            Denied = passes.Max(pass => pass.Denied),
            Unsupported = passes.Max(pass => pass.Unsupported),
        };
    }

    private List<ScannedProcess> Complete(
        List<GroupEntry> chosen,
        in ScanMoment moment,
        int? omitted,
        out int? omittedBelowPercent
    )
    {
        var (settings, now) = (moment.Settings, moment.Now);
        List<ScannedProcess> completed = [.. chosen.Select(entry => _details.Complete(entry, settings, now))];
        omittedBelowPercent = EntrySelection.Trim(completed, omitted, _limits);
        return completed;
    }

    private List<ConstraintReport> ScanNode(in ScanMoment moment)
    {
        List<ConstraintReport> constraints = _constraints?.ScanNode() ?? [];
        if (moment.State.Mode == OvercommitMode.Strict)
        {
            var forkChildren = _own.Found.Select(reading => reading.ForkChildren).DefaultIfEmpty(0UL).Max();
            constraints.Add(moment.State.ToNodeConstraint(forkChildren));
        }

        _nodeGrowth.Begin(moment.Now);
        List<ConstraintReport> completed = [.. constraints.Select(c => _nodeGrowth.Complete(default, c, age: default))];
        _nodeGrowth.End();
        return completed;
    }

    private void RenewWhatIf(ReportSettings settings, OvercommitMode mode)
    {
        List<EvaluationMode> asked = [.. settings.WhatIf.BesidesMode((int)mode)];
        foreach (var rule in _whatIf.Keys.Except(asked).ToList())
        {
            _whatIf[rule].Dispose();
            _whatIf.Remove(rule);
        }

        WhatIfProblem = null;
        foreach (var rule in asked.Except(_whatIf.Keys).ToList())
        {
            try
            {
                _whatIf[rule] = new RulePass(_proc, _owners, _openFiles / WhatIfShare, _budget);
            }
            catch (IOException e)
            {
                // Refusals by the kernel's own mode are worth more than a what-if: the scan goes on without.
                WhatIfProblem = e.Message;
            }
        }
    }

    private static OvercommitMode ModeOf(EvaluationMode rule) =>
        rule == EvaluationMode.Strict ? OvercommitMode.Strict : OvercommitMode.Heuristic;

    /// <summary>The reads of all passes; the processes are the same in each.</summary>
    private static ScanStatistics Sum(List<RulePass> passes) =>
        new()
        {
            Processes = passes[0].Statistics.Processes,
            StatmReads = passes.Sum(p => p.Statistics.StatmReads),
            MapsReads = passes.Sum(p => p.Statistics.MapsReads),
            SmapsReads = passes.Sum(p => p.Statistics.SmapsReads),
            LeftOut = passes.Max(p => p.Statistics.LeftOut),
            Unreadable = passes.Max(p => p.Statistics.Unreadable),
        };
}
