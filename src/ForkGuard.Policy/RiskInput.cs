using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>One reading of one process and what was known when it was judged.</summary>
/// <param name="Reading">The process as measured.</param>
/// <param name="Fresh">The numbers were read from the kernel in this very scan, as opposed to a kept answer.</param>
/// <param name="OvercommitMode">vm.overcommit_memory of the node: 0 heuristic, 1 always, 2 strict.</param>
/// <param name="LimitChangedTime">When the mode or the limit last moved; null if it was never seen to move.</param>
/// <param name="ScanInterval">The time between two scans; a silence of more than three of them proves nothing.</param>
public readonly record struct RiskInput(
    ProcessReport Reading,
    bool Fresh,
    int OvercommitMode,
    DateTimeOffset? LimitChangedTime,
    TimeSpan ScanInterval
);
