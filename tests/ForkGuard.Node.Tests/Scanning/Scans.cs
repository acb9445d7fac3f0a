using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Scans for the tests: of limits of 1000, so that ten are a percent.</summary>
internal static class Scans
{
    internal const long Limit = 1000;

    internal static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal static NodeScan Of(params ProcessReport[] processes) => InMode(0, processes);

    internal static NodeScan InMode(int mode, params ProcessReport[] processes) =>
        new()
        {
            Time = Start,
            State = new KernelState { Mode = (OvercommitMode)mode },
            Kernel = new KernelReport { Release = "6.12.1", OvercommitMode = mode },
            Statistics = new ScanStatistics(),
            Scan = new ScanReport(),
            Processes = [.. processes.Select(Scanned)],
        };

    /// <summary>The same scan with a list by a rule that the kernel does not apply.</summary>
    internal static NodeScan WhatIf(this NodeScan scan, EvaluationMode rule, params ProcessReport[] processes) =>
        scan with
        {
            WhatIf =
            [
                .. scan.WhatIf,
                new WhatIfScan(rule, [.. processes.Select(Scanned)], LimitBytes: null, OmittedBelowPercent: null),
            ],
        };

    internal static ProcessReport Process(
        string command,
        int percent,
        Verdict verdict = Verdict.CanFork,
        bool isBound = false
    ) =>
        With(
            command,
            Constraint(ConstraintType.LargestMapping, percent, isBound ? Confidence.UpperBound : Confidence.Exact)
        ) with
        {
            Verdict = verdict,
        };

    /// <summary>As in mode 2: the percentage is the node's and a little of its own.</summary>
    internal static ProcessReport Strict(string command, int percent, int ownPercent) =>
        With(command, Constraint(ConstraintType.CommitCharge, percent) with { Own = ownPercent * Limit / 100 });

    /// <summary>A process whose first constraint binds.</summary>
    internal static ProcessReport With(string command, params ConstraintReport[] constraints) =>
        new()
        {
            MeasuredTime = Start,
            Pid = 4711,
            Command = command,
            SystemdUnit = "redis.service",
            Verdict = Verdict.CanFork,
            BindingConstraint = constraints[0].Type,
            Constraints = constraints,
        };

    internal static ConstraintReport Constraint(
        ConstraintType type,
        int percent,
        Confidence confidence = Confidence.Exact
    ) =>
        new()
        {
            Type = type,
            Unit = type == ConstraintType.Pids ? ConstraintUnit.Tasks : ConstraintUnit.Bytes,
            Scope = type == ConstraintType.Pids ? ConstraintScope.Pod : ConstraintScope.Process,
            ScopeName = type == ConstraintType.Pids ? "/pod" : null,
            Used = percent * Limit / 100,
            Limit = Limit,
            Percent = percent,
            Confidence = confidence,
        };

    private static ScannedProcess Scanned(ProcessReport report)
    {
        var membership = report.Pod is { } pod
            ? new CgroupMembership(IsInPod: true, Unit: null, new PodCgroup(pod.Uid ?? "", report.Container?.Id))
            : new CgroupMembership(IsInPod: false, report.SystemdUnit);
        var group = ProcessGroup.Of(membership, report.Command, report.Constraints ?? []);
        return new ScannedProcess(group, membership, report);
    }
}
