using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>One process at or above the report level while a scan makes its entry.</summary>
internal sealed class Candidate(ProcessIdentity identity, ProcessOwner owner)
{
    internal ProcessIdentity Identity { get; } = identity;
    internal ProcessOwner Owner { get; } = owner;
    internal ProcessGroup Group { get; } = ProcessGroup.Of(owner.Membership, owner.Command);

    /// <summary>Accounting of memory; null below the report level and in mode 1.</summary>
    internal ProcessReading? Accounting { get; set; }

    /// <summary>Facts of a process that other constraints were read of; null for a what-if.</summary>
    internal ProcessFacts? Facts { get; init; }

    /// <summary>Only for a program that saves by forking.</summary>
    internal SnapshotReading? Snapshot { get; init; }

    /// <summary>Size of the address space in pages; 0 if unknown.</summary>
    internal ulong Pages { get; init; }

    internal TimeSpan Age { get; init; }

    /// <summary>All its constraints, worst first.</summary>
    internal List<ConstraintReport> Constraints { get; } = [];

    internal ConstraintReport? Binding => Constraints.Find(Severity.CanBind);

    internal int RankOf(ReportSettings settings) => Constraints.Count == 0 ? -1 : settings.SeverityOf(Constraints[0]);

    internal int Percent => Constraints.Count == 0 ? 0 : Constraints[0].Percent;

    internal bool IsForkChild => Accounting is { IsForkChild: true };

    internal ulong Weight => Accounting?.Weight ?? 0;

    internal void Sort(ReportSettings settings) =>
        Constraints.Sort(
            (a, b) =>
            {
                var bySeverity = settings.SeverityOf(b).CompareTo(settings.SeverityOf(a));
                var byPercent = bySeverity != 0 ? bySeverity : b.Percent.CompareTo(a.Percent);
                return byPercent != 0 ? byPercent : string.CompareOrdinal(a.Type.Text, b.Type.Text);
            }
        );
}
