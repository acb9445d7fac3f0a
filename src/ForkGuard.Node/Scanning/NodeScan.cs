using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Scanning;

/// <summary>The worst process of a group as one scan found it.</summary>
/// <param name="Group">The processes that it stands for.</param>
/// <param name="Membership">Pod or unit by its cgroup.</param>
/// <param name="Report">As it is reported.</param>
internal sealed record ScannedProcess(ProcessGroup Group, CgroupMembership Membership, ProcessReport Report)
{
    /// <summary>The highest percentage of the entry, listed or not.</summary>
    internal int Percent =>
        (Report.Constraints ?? [])
            .Select(constraint => constraint.Percent)
            .Append((Report.OmittedBelowPercent ?? 1) - 1)
            .Max();
}

/// <summary>One scan by a rule that the kernel does not apply. It has the accounting of memory alone.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Processes">Worst first.</param>
/// <param name="LimitBytes">The limit that would bind.</param>
/// <param name="OmittedBelowPercent">As in <see cref="NodeScan"/>.</param>
internal sealed record WhatIfScan(
    EvaluationMode Rule,
    IReadOnlyList<ScannedProcess> Processes,
    long? LimitBytes,
    int? OmittedBelowPercent
);

/// <summary>Result of one scan of the node.</summary>
internal sealed record NodeScan
{
    private const int MaxRefusals = 16;

    internal required DateTimeOffset Time { get; init; }
    internal required KernelState State { get; init; }
    internal required KernelReport Kernel { get; init; }
    internal required ScanStatistics Statistics { get; init; }
    internal required ScanReport Scan { get; init; }

    /// <summary>Constraints that all processes of the node share, with growth.</summary>
    internal IReadOnlyList<ConstraintReport> Constraints { get; init; } = [];

    /// <summary>The worst process of each group by the kernel's own rule and all other constraints, worst first.</summary>
    internal required IReadOnlyList<ScannedProcess> Processes { get; init; }

    /// <summary>Everything at or above this percentage is in the list; null if the list has everything at the report level.</summary>
    internal int? OmittedBelowPercent { get; init; }

    /// <summary>One for each rule that was asked for and is not the kernel's own.</summary>
    internal IReadOnlyList<WhatIfScan> WhatIf { get; init; } = [];

    /// <summary>Refusals of the kernel's log, the latest first; null where the log is not read.</summary>
    internal IReadOnlyList<RefusalReport>? Refusals { get; init; }

    /// <summary>Processes that mattered and whose mappings the kernel did not show.</summary>
    internal int Denied { get; init; }

    /// <summary>Processes that mattered and whose smaps is missing or has no flags.</summary>
    internal int Unsupported { get; init; }

    internal NodeForkReportStatus ToStatus(IReadOnlyList<Condition> conditions) =>
        new()
        {
            ObservedTime = Time,
            Kernel = Kernel,
            Scan = Scan,
            Constraints = Constraints.Count == 0 ? null : Constraints,
            Processes = [.. Processes.Select(process => process.Report)],
            OmittedBelowPercent = OmittedBelowPercent,
            Refusals = Refusals is null
                ? null
                : [.. Refusals.Take(MaxRefusals).Select(r => r with { Name = BoundedPath.Of(r.Name) })],
            WhatIf =
                WhatIf.Count == 0
                    ? null
                    :
                    [
                        .. WhatIf.Select(scan => new WhatIfReport
                        {
                            EvaluateAs = scan.Rule,
                            LimitBytes = scan.LimitBytes,
                            Processes = [.. scan.Processes.Select(process => process.Report)],
                            OmittedBelowPercent = scan.OmittedBelowPercent,
                        }),
                    ],
            Conditions = conditions,
        };
}
