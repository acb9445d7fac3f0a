using System.Diagnostics;
using ForkGuard.Agent.Attribution;
using ForkGuard.Agent.Readings;
using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>Scans this node once after another, and makes of each scan what the report says. Not for several threads at once.</summary>
internal sealed class NodeScan : IDisposable
{
    /// <summary>Two what-ifs leave a quarter of the open files to everything else.</summary>
    private const int WhatIfShare = 8;

    private readonly ProcRoot _proc;
    private readonly KernelStateReader _reader;
    private readonly PodNames _names;
    private readonly int _openFiles = DescriptorLimit.Raise();
    private readonly RulePass _own;
    private readonly SortedDictionary<WhatIfRule, RulePass> _whatIf = [];

    /// <exception cref="IOException">The root of /proc cannot be opened.</exception>
    internal NodeScan(ProcRoot proc, KernelStateReader reader, PodNames names)
    {
        _proc = proc;
        _reader = reader;
        _names = names;
        _own = new RulePass(proc, _openFiles / 2);
    }

    /// <summary>Why a what-if that is asked for is not in the scan; null if all are.</summary>
    internal string? WhatIfProblem { get; private set; }

    /// <summary>Looks once at everything. Null if not even the kernel's settings could be read.</summary>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal ScanResult? Scan(
        ReportSettings settings,
        DateTimeOffset now,
        out string problem,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            return TryScan(settings, now, out problem, cancellationToken);
        }
        catch (IOException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private ScanResult? TryScan(
        ReportSettings settings,
        DateTimeOffset now,
        out string problem,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        if (!_reader.TryRead(out var state, out problem))
        {
            return null;
        }

        var own = _own.Scan(state, state.Mode, settings, now, cancellationToken);
        RenewWhatIf(settings, state.Mode);
        List<WhatIfPass> asked =
        [
            .. _whatIf.Select(p => new WhatIfPass(
                p.Key,
                p.Value,
                p.Value.Scan(state, (OvercommitMode)p.Key, settings, now, cancellationToken)
            )),
        ];
        List<PassFindings> all = [own, .. asked.Select(a => a.Found)];
        _names.Learn([.. all.SelectMany(f => f.Worst).Select(p => p.Membership)], now);
        var processes = _own.Complete(own, _names);
        List<WhatIfResult> whatIf = [.. asked.Select(a => a.ToResult(state, _names))];
        var statistics = Sum(all);
        return new ScanResult
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
            Processes = processes,
            Groups = own.Groups,
            Truncated = own.Truncated,
            WhatIf = whatIf,
            Denied = all.Max(f => f.Denied),
            Unsupported = all.Max(f => f.Unsupported),
        };
    }

    public void Dispose()
    {
        _own.Dispose();
        foreach (var pass in _whatIf.Values)
        {
            pass.Dispose();
        }
    }

    private void RenewWhatIf(ReportSettings settings, OvercommitMode mode)
    {
        List<WhatIfRule> asked = [.. settings.WhatIf.BesidesMode((int)mode)];
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
                _whatIf[rule] = new RulePass(_proc, _openFiles / WhatIfShare);
            }
            catch (IOException e)
            {
                // What the kernel does refuse is worth more than what it would: the scan goes on without.
                WhatIfProblem = e.Message;
            }
        }
    }

    /// <summary>The reads of all passes; the processes are the same in each.</summary>
    private static ScanStatistics Sum(List<PassFindings> passes) =>
        new()
        {
            Processes = passes[0].Statistics.Processes,
            StatmReads = passes.Sum(p => p.Statistics.StatmReads),
            MapsReads = passes.Sum(p => p.Statistics.MapsReads),
            SmapsReads = passes.Sum(p => p.Statistics.SmapsReads),
            Unreadable = passes.Max(p => p.Statistics.Unreadable),
        };

    private sealed record WhatIfPass(WhatIfRule Rule, RulePass Pass, PassFindings Found)
    {
        internal WhatIfResult ToResult(in KernelState state, PodNames names) =>
            new(
                new WhatIfReport
                {
                    EvaluateAs = Rule,
                    LimitBytes = AccountingRule.LimitOf(state, (OvercommitMode)Rule) is { } limit
                        ? ReportConversion.Signed(limit)
                        : null,
                    Processes = Pass.Complete(Found, names),
                    Truncated = Found.Truncated,
                },
                Found.Groups
            );
    }
}
