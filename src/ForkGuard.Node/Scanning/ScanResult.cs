using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Scanning;

/// <summary>What one scan of the node gave by a rule that its kernel does not apply.</summary>
/// <param name="Report">As it is written.</param>
/// <param name="Groups">What each of its processes stands for.</param>
internal sealed record WhatIfResult(WhatIfReport Report, IReadOnlyList<ReportedGroup> Groups)
{
    internal WhatIfRule Rule => Report.EvaluateAs;
    internal IReadOnlyList<ProcessReport> Processes => Report.Processes ?? [];
}

/// <summary>What one scan of the node gave.</summary>
internal sealed record ScanResult
{
    internal required DateTimeOffset Time { get; init; }
    internal required KernelState State { get; init; }
    internal required KernelReport Kernel { get; init; }
    internal required ScanStatistics Statistics { get; init; }
    internal required ScanReport Scan { get; init; }

    /// <summary>Worst first, at most 64.</summary>
    internal required IReadOnlyList<ProcessReport> Processes { get; init; }

    /// <summary>What each of <see cref="Processes"/> stands for.</summary>
    internal required IReadOnlyList<ReportedGroup> Groups { get; init; }

    internal required bool Truncated { get; init; }

    /// <summary>One for each rule that was asked for and is not the kernel's own.</summary>
    internal IReadOnlyList<WhatIfResult> WhatIf { get; init; } = [];

    /// <summary>Processes that mattered and whose mappings the kernel did not show.</summary>
    internal required int Denied { get; init; }

    /// <summary>Processes that mattered and whose smaps is missing or has no flags.</summary>
    internal required int Unsupported { get; init; }

    internal NodeForkReportStatus ToStatus(IReadOnlyList<Condition> conditions) =>
        new()
        {
            ObservedTime = Time,
            Kernel = Kernel,
            Scan = Scan,
            Processes = Processes,
            Truncated = Truncated,
            WhatIf = WhatIf.Count == 0 ? null : [.. WhatIf.Select(w => w.Report)],
            Conditions = conditions,
        };
}
