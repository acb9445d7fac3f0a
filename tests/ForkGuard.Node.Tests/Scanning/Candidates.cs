using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Processes at or above the report level, for the tests.</summary>
internal static class Candidates
{
    internal static ReportSettings Settings { get; } = new(10, 65, TimeSpan.FromSeconds(15));

    internal static CgroupMembership Pod(string uid, string? container = "c") =>
        new(IsInPod: true, Unit: null, new PodCgroup(uid, container));

    internal static CgroupMembership Unit(string name) => new(IsInPod: false, name);

    /// <summary>A process with these constraints and no accounting of memory.</summary>
    internal static Candidate Of(
        int pid,
        CgroupMembership membership,
        string command,
        params ConstraintReport[] constraints
    )
    {
        var owner = new ProcessOwner(1, command, membership);
        var candidate = new Candidate(new ProcessIdentity(pid, 1), owner, constraints)
        {
            Pages = (ulong)pid,
            Age = TimeSpan.FromHours(1),
        };
        candidate.Sort(Settings);
        return candidate;
    }

    /// <summary>A process with the accounting of a reading.</summary>
    internal static Candidate Of(CgroupMembership membership, ProcessReading reading)
    {
        var candidate = Of(reading.Pid, membership, reading.Command, reading.ToConstraint()!);
        candidate.Accounting = reading;
        return candidate;
    }

    internal static ProcessReading Reading(
        int pid,
        string command,
        int percent,
        bool isKept = false,
        bool isBound = false,
        bool isForkChild = false
    ) =>
        new()
        {
            Pid = pid,
            StartTime = 1,
            Command = command,
            Status = ReadStatus.Ok,
            IsKept = isKept,
            IsForkChild = isForkChild,
            Assessment = new Assessment
            {
                Verdict =
                    percent <= 100 ? Verdict.CanFork
                    : isBound ? Verdict.Unknown
                    : Verdict.CannotFork,
                Constraint = ConstraintType.LargestMapping,
                Used = (ulong)percent,
                Limit = 100,
                IsBound = isBound,
            },
        };

    /// <summary>The entries of a report, as a scan makes them of its candidates.</summary>
    internal static List<GroupEntry> Entries(params Candidate[] candidates) => Evaluated(candidates).Entries;

    /// <summary>The same, and the highest percentage of those without an entry.</summary>
    internal static (List<GroupEntry> Entries, int OmittedPercent) Evaluated(params Candidate[] candidates)
    {
        List<List<Candidate>> groups = [.. candidates.GroupBy(c => c.Group).Select(group => group.ToList())];
        foreach (var group in groups)
        {
            group.Sort((a, b) => CandidateList.CompareWorstFirst(a, b, Settings));
        }

        return GroupEntry.Of(groups, Settings);
    }

    internal static ConstraintReport Mapping(int percent) => Scans.Constraint(ConstraintType.LargestMapping, percent);

    internal static ConstraintReport Bound(int percent) =>
        Scans.Constraint(ConstraintType.LargestMapping, percent, Confidence.UpperBound);

    /// <summary>The tasks of a user.</summary>
    internal static ConstraintReport Tasks(int percent, string uid) =>
        Scans.Constraint(ConstraintType.UserProcesses, percent) with
        {
            Scope = ConstraintScope.User,
            ScopeName = uid,
        };

    internal static ConstraintReport Pids(int percent, string scope) =>
        Scans.Constraint(ConstraintType.Pids, percent) with
        {
            ScopeName = scope,
        };
}
