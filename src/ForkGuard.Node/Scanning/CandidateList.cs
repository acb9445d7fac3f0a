using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>Processes at or above the report level in one scan, each with its owner and all its constraints.</summary>
internal sealed class CandidateList(OwnerCache owners, ScanMoment moment)
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(1);

    private readonly List<Candidate> _candidates = [];

    /// <summary>Leaves out a process that ended during the scan: its owner cannot be found any more.</summary>
    internal CandidateList Collect(
        IReadOnlyList<ProcessReading> accounting,
        IReadOnlyDictionary<int, FoundConstraints> others
    )
    {
        var pids = new HashSet<int>();
        foreach (var reading in accounting)
        {
            if (
                reading.ToConstraint(moment.State.Distrust) is { } constraint
                && owners.TryFind(reading.Pid, reading.StartTime, out var owner)
            )
            {
                pids.Add(reading.Pid);
                var named = reading.Command is { Length: > 0 } command ? owner with { Command = command } : owner;
                var candidate = Add(named, reading.Pid, others.GetValueOrDefault(reading.Pid), reading);
                candidate.Constraints.Add(constraint);
                candidate.Sort(moment.Settings);
            }
        }

        foreach (var (pid, found) in others)
        {
            if (
                !pids.Contains(pid)
                && found.Matters(moment.Settings)
                && owners.TryFind(pid, found.Facts.StartTime, out var owner)
            )
            {
                Add(owner, pid, found, accounting: null).Sort(moment.Settings);
            }
        }

        return this;
    }

    internal IEnumerable<Candidate> WorstFirst()
    {
        _candidates.Sort((a, b) => CompareWorstFirst(a, b, moment.Settings));
        return _candidates;
    }

    /// <summary>The candidates of each entry, worst first.</summary>
    internal List<List<Candidate>> ByGroup()
    {
        var groups = new Dictionary<ProcessGroup, List<Candidate>>();
        foreach (var candidate in WorstFirst())
        {
            if (!groups.TryGetValue(candidate.Group, out var group))
            {
                groups.Add(candidate.Group, group = []);
            }

            group.Add(candidate);
        }

        return [.. groups.Values];
    }

    internal static int CompareWorstFirst(Candidate a, Candidate b, ReportSettings settings)
    {
        // A fork child has as much as its parent, and ends soon: it stands for no group that its parent is in.
        var byKind = a.IsForkChild.CompareTo(b.IsForkChild);
        var byRank = byKind != 0 ? byKind : b.RankOf(settings).CompareTo(a.RankOf(settings));
        var byWeight = byRank != 0 ? byRank : b.Weight.CompareTo(a.Weight);
        var byPages = byWeight != 0 ? byWeight : b.Pages.CompareTo(a.Pages);
        return byPages != 0 ? byPages : a.Identity.Pid.CompareTo(b.Identity.Pid);
    }

    private Candidate Add(in ProcessOwner owner, int pid, FoundConstraints? found, ProcessReading? accounting)
    {
        var identity = new ProcessIdentity(pid, KernelConversion.Signed(owner.StartTime));
        var isSame = found?.Facts.StartTime == owner.StartTime;
        List<ConstraintReport> constraints = isSame ? [.. found!.Readings.Select(reading => reading.ToReport())] : [];
        var candidate = new Candidate(identity, owner, constraints)
        {
            Accounting = accounting,
            Facts = isSame ? found!.Facts : null,
            Snapshot = isSame ? found!.Snapshot : null,
            Pages = found?.Pages ?? 0,
            // Without the time since boot every process counts as settled.
            Age = moment.Uptime.AgeOf(identity.StartTime) ?? Old,
        };
        _candidates.Add(candidate);
        return candidate;
    }
}
