using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Scans for the tests: of a limit of 1000 bytes, so that ten are a percent.</summary>
internal static class Scans
{
    internal const long Limit = 1000;

    internal static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal static ScanResult Of(params ProcessReport[] processes) => InMode(0, processes);

    internal static ScanResult InMode(int mode, params ProcessReport[] processes) =>
        new()
        {
            Time = Start,
            State = new KernelState { Mode = (OvercommitMode)mode },
            Kernel = new KernelReport { Release = "6.12.1", OvercommitMode = mode },
            Statistics = new ScanStatistics(),
            Scan = new ScanReport(),
            Processes = processes,
            Groups = [.. processes.Select(p => new ReportedGroup(null, null, p.Unit, p.Command))],
            Truncated = false,
            Denied = 0,
            Unsupported = 0,
        };

    /// <summary>The same scan with a list by a rule that the kernel does not apply.</summary>
    internal static ScanResult WhatIf(this ScanResult scan, WhatIfRule rule, params ProcessReport[] processes) =>
        scan with
        {
            WhatIf =
            [
                .. scan.WhatIf,
                new WhatIfResult(
                    new WhatIfReport { EvaluateAs = rule, Processes = processes },
                    [.. processes.Select(p => new ReportedGroup(null, null, p.Unit, p.Command))]
                ),
            ],
        };

    internal static ProcessReport Process(
        string command,
        int percent,
        Verdict verdict = Verdict.CanFork,
        bool isBound = false
    ) =>
        new()
        {
            Pid = 4711,
            Command = command,
            Unit = "redis.service",
            Verdict = verdict,
            Constraint = Constraint.LargestMapping,
            UsedBytes = percent * Limit / 100,
            LimitBytes = Limit,
            Percent = percent,
            Mapping = isBound ? null : new MappingReport { Start = "1000", End = "2000" },
        };

    /// <summary>As in mode 2: the percentage is the node's and a little of its own.</summary>
    internal static ProcessReport Strict(string command, int percent, int ownPercent) =>
        Process(command, percent) with
        {
            Constraint = Constraint.CommitCharge,
            OwnBytes = ownPercent * Limit / 100,
            Mapping = null,
        };
}
