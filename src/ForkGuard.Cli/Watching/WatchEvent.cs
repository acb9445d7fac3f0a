using ForkGuard.Api;

namespace ForkGuard.Cli.Watching;

/// <summary>An event, emitted once or again as a series.</summary>
/// <param name="Time">Time of the scan.</param>
/// <param name="Type">The reason that the Event has in a cluster, such as ForkAtRisk.</param>
/// <param name="Reason">The cause, in a sentence.</param>
internal sealed record WatchEvent(DateTimeOffset Time, string Type, string Reason)
{
    /// <summary>The type of a change of vm.overcommit_memory.</summary>
    internal const string ModeChanged = "OvercommitModeChanged";

    /// <summary>The watch that asked; null for a change of the machine.</summary>
    internal string? Watch { get; init; }

    /// <summary>The worst process of a target; null for the machine.</summary>
    internal ProcessReport? Process { get; init; }

    /// <summary>The unit of an event about a restart; null for other events.</summary>
    internal string? Unit { get; init; }

    /// <summary>Null for a change of the machine and for a refusal that only the kernel's log shows.</summary>
    internal ConstraintReport? Constraint { get; init; }

    /// <summary>Null unless only the kernel's log shows it.</summary>
    internal RefusalReport? Refusal { get; init; }

    /// <summary>Usage, limit, growth, time left and the remedy; empty where there is nothing to add.</summary>
    internal string Note { get; init; } = "";

    /// <summary>Emissions since the last recovery.</summary>
    internal int Count { get; init; } = 1;
}
