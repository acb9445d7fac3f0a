using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>One reason for which the kernel refuses a fork: what is read, and the rule.</summary>
public interface IForkCheck
{
    ConstraintType Type { get; }

    /// <summary>The reading is the same for all processes of the node; <c>process</c> may be null.</summary>
    bool IsOfNode { get; }

    /// <summary>Reads files of other processes, which a record of one process does not have.</summary>
    bool ReadsOtherProcesses => false;

    /// <summary>
    /// Reads the constraint of one process. False if it does not apply: no limit exists, the process is exempt, or,
    /// below
    /// <see cref="ScanContext.LevelPercent"/>, a bound already shows that it stays below the level. A source that
    /// exists
    /// and cannot be read gives a reading with a <see cref="ConstraintReading.Problem"/>. Allocates nothing for a
    /// healthy
    /// process.
    /// </summary>
    bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading);
}
