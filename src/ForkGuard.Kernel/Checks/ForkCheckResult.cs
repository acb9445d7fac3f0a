using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>Constraints of one process beside the accounting of memory, all read at one time.</summary>
public sealed record ForkCheckResult
{
    /// <summary>
    /// Ok; Gone if the process has ended; NoAddressSpace for a kernel thread and a zombie; otherwise the error of its
    /// stat.
    /// </summary>
    public required ReadStatus Status { get; init; }

    public required ProcessFacts Facts { get; init; }

    /// <summary>
    /// Constraints that apply, in the order of <see cref="ForkChecks.All"/>; empty unless the status is Ok.
    /// </summary>
    public IReadOnlyList<ConstraintReading> Readings { get; init; } = [];

    public NotChecked NotChecked { get; init; }

    /// <summary>Threads whose scheduling policy refuses every fork. All of them: no fork of the process succeeds.</summary>
    public DeadlineThreads Deadline { get; init; }

    /// <summary>Null if no pids limit applies.</summary>
    public PidsDetail? Pids { get; init; }
}
