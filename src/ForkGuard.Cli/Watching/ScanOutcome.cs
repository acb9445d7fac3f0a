using ForkGuard.Api;
using ForkGuard.Cli.Serving;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Watching;

/// <summary>Result of one scan.</summary>
internal sealed record ScanOutcome
{
    internal required DateTimeOffset Time { get; init; }
    internal required IReadOnlyList<WatchEvent> Events { get; init; }
    internal KernelState State { get; init; }
    internal ScanReport Scan { get; init; } = new();

    /// <summary>The whole scan; null if there is none.</summary>
    internal NodeScan? Node { get; init; }

    /// <summary>The rule of mode 2 was evaluated, as that of the machine or as a what-if.</summary>
    internal bool HasCommitCharges =>
        Node is not null
        && (State.Mode == OvercommitMode.Strict || Node.WhatIf.Any(scan => scan.Rule == EvaluationMode.Strict));

    /// <summary>Constraints that all processes of the machine share.</summary>
    internal IReadOnlyList<ConstraintReport> NodeConstraints { get; init; } = [];

    /// <summary>Targets at risk, summed over the watches.</summary>
    internal int AtRisk { get; init; }

    /// <summary>The same by watch and constraint.</summary>
    internal IReadOnlyList<WatchRisk> Risks { get; init; } = [];

    /// <summary>Targets that could be at risk and could not be read, summed over the watches.</summary>
    internal int Undecided { get; init; }

    /// <summary>Reason for which nothing could be evaluated; null if all is well.</summary>
    internal string? Problem { get; init; }
}
