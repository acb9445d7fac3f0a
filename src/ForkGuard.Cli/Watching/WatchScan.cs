using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Watching;

/// <summary>One scan by one rule, as the watches evaluate it.</summary>
internal sealed record WatchScan
{
    internal required DateTimeOffset Time { get; init; }
    internal required TimeSpan Interval { get; init; }
    internal required KernelState State { get; init; }

    /// <summary>The worst process of each unit and command.</summary>
    internal required IReadOnlyList<ProcessReport> Processes { get; init; }

    /// <summary>Processes that are not listed are below this percentage of every constraint.</summary>
    internal required int UnlistedBelow { get; init; }

    /// <summary>By a rule that the kernel does not apply: it has accounting alone.</summary>
    internal bool IsWhatIf { get; init; }

    /// <summary>Constraints that all processes share.</summary>
    internal required IReadOnlyList<ConstraintReport> NodeConstraints { get; init; }

    /// <summary>Last change of the mode or a limit; null if none was seen.</summary>
    internal DateTimeOffset? LimitChanged { get; init; }

    /// <summary>The process still runs, whatever it uses.</summary>
    internal required Func<ProcessReport, bool> IsAlive { get; init; }

    /// <summary>Finds a process of a unit that a watch selects, also one that is far from every limit; null without one.</summary>
    internal required Func<string, HostWatch, ProcessReport?> FindMember { get; init; }
}
