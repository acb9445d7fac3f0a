using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>One constraint of one target as measured, and the circumstances of the measurement.</summary>
/// <param name="Process">The worst process of the target; null for a constraint that the whole node shares.</param>
/// <param name="Constraint">The constraint; a problem or an upper bound is not evidence of a risk.</param>
/// <param name="OvercommitMode">vm.overcommit_memory of the node: 0 heuristic, 1 always, 2 strict.</param>
/// <param name="Fresh">The numbers were read from the kernel in this scan, not taken from an earlier one.</param>
/// <param name="ScanInterval">Time between two scans; after a silence of more than three of them every hold starts again.</param>
/// <param name="LimitChangedTime">Time of the last change of mode or limit; null if none was seen.</param>
public readonly record struct RiskInput(
    ProcessReport? Process,
    ConstraintReport Constraint,
    int OvercommitMode,
    bool Fresh,
    TimeSpan ScanInterval,
    DateTimeOffset? LimitChangedTime
);
