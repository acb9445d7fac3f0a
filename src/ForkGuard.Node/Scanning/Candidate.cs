using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Readings;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Node.Scanning;

/// <summary>One process at or above the report level while a scan makes its entry.</summary>
/// <param name="identity">The process.</param>
/// <param name="owner">Command and cgroup of it.</param>
/// <param name="constraints">Its constraints beside the accounting of memory.</param>
internal sealed class Candidate(
    ProcessIdentity identity,
    ProcessOwner owner,
    IReadOnlyCollection<ConstraintReport> constraints
)
{
    internal ProcessIdentity Identity { get; } = identity;
    internal ProcessOwner Owner { get; } = owner;
    internal ProcessGroup Group { get; } = ProcessGroup.Of(owner.Membership, owner.Command, constraints);

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
    internal List<ConstraintReport> Constraints { get; } = [.. constraints];

    /// <summary>The rank of its worst constraint; the lowest one without any.</summary>
    internal (Urgency Urgency, int Percent) RankOf(ReportSettings settings) =>
        Constraints.Count == 0 ? default : settings.RankOf(Constraints[0]);

    internal bool IsForkChild => Accounting is { IsForkChild: true };

    internal ulong Weight => Accounting?.Weight ?? 0;

    internal void Sort(ReportSettings settings) =>
        Constraints.Sort(
            (a, b) =>
            {
                var byRank = settings.RankOf(b).CompareTo(settings.RankOf(a));
                return byRank != 0 ? byRank : string.CompareOrdinal(a.Type.Text, b.Type.Text);
            }
        );
}
