using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>One entry of a report: the worst process of a group.</summary>
/// <param name="Worst">The process.</param>
/// <param name="Constraints">What the report shows of it, worst first: without what a worse entry of the same pod or unit shows.</param>
/// <param name="Verdict">By all of its constraints.</param>
/// <param name="Count">Processes of the group at or above the report level.</param>
internal sealed record GroupEntry(
    Candidate Worst,
    IReadOnlyList<ConstraintReport> Constraints,
    Verdict Verdict,
    int Count
)
{
    /// <summary>The constraint with the highest percentage; null if none binds.</summary>
    internal ConstraintReport? Binding => Constraints.FirstOrDefault(Severity.CanBind);

    internal int Percent => Constraints[0].Percent;

    /// <summary>Entries, worst first. Constraints of a cgroup stand once for each pod or unit, in its worst entry.</summary>
    internal static List<GroupEntry> Of(IReadOnlyList<List<Candidate>> groups, ReportSettings settings)
    {
        List<List<Candidate>> alive = [.. groups.Where(group => group.Count > 0)];
        alive.Sort((a, b) => CandidateList.CompareWorstFirst(a[0], b[0], settings));
        var holders = HoldersOf(alive.Select(group => group[0]));
        var entries = new List<GroupEntry>(alive.Count);
        foreach (var group in alive)
        {
            var worst = group[0];
            List<ConstraintReport> shown = [.. worst.Constraints.Where(c => IsShownBy(worst, c, holders))];
            if (shown.Exists(c => c.Refuses == true || c.Percent >= settings.LevelPercent))
            {
                entries.Add(new GroupEntry(worst, shown, VerdictOf(worst.Constraints), group.Count));
            }
        }

        return entries;
    }

    internal static Verdict VerdictOf(IEnumerable<ConstraintReport> constraints)
    {
        var verdict = Verdict.CanFork;
        foreach (var constraint in constraints.Where(Severity.CanBind))
        {
            if (constraint.Refuses == true)
            {
                return Verdict.CannotFork;
            }

            // Above its limit without a refusal: the usage is only a bound.
            var isBoundAbove = constraint.Used > constraint.Limit;
            verdict = constraint.Problem is not null || isBoundAbove ? Verdict.Unknown : verdict;
        }

        return verdict;
    }

    /// <summary>The process that shows each constraint of a cgroup: the worst by it, then the worst by its others, then the largest.</summary>
    private static Dictionary<SharedKey, Candidate> HoldersOf(IEnumerable<Candidate> worst)
    {
        var holders = new Dictionary<SharedKey, Candidate>();
        foreach (var candidate in worst)
        {
            foreach (var constraint in candidate.Constraints)
            {
                if (
                    SharedKey.Of(candidate, constraint) is { } key
                    && (!holders.TryGetValue(key, out var holder) || IsBetter(candidate, holder, constraint.Type))
                )
                {
                    holders[key] = candidate;
                }
            }
        }

        return holders;
    }

    private static bool IsBetter(Candidate candidate, Candidate holder, OpenEnum<ConstraintType> type)
    {
        var byPercent = PercentOf(candidate, type).CompareTo(PercentOf(holder, type));
        var byOthers = byPercent != 0 ? byPercent : OthersOf(candidate).CompareTo(OthersOf(holder));
        return (byOthers != 0 ? byOthers : candidate.Pages.CompareTo(holder.Pages)) > 0;
    }

    private static int PercentOf(Candidate candidate, OpenEnum<ConstraintType> type) =>
        candidate.Constraints.Find(c => c.Type == type)?.Percent ?? 0;

    private static int OthersOf(Candidate candidate) =>
        candidate
            .Constraints.Where(c => SharedKey.Of(candidate, c) is null)
            .Select(c => c.Percent)
            .DefaultIfEmpty(-1)
            .Max();

    private static bool IsShownBy(
        Candidate candidate,
        ConstraintReport constraint,
        Dictionary<SharedKey, Candidate> holders
    ) => SharedKey.Of(candidate, constraint) is not { } key || ReferenceEquals(holders[key], candidate);

    private readonly record struct SharedKey(ProcessGroup Owner, ConstraintType Type, string Scope)
    {
        internal static SharedKey? Of(Candidate candidate, ConstraintReport constraint) =>
            constraint is { Problem: null, Type.Known: { } type } && SharedUsage.IsOfCgroup(type)
                ? new SharedKey(candidate.Group.Owner, type, constraint.ScopeName ?? "")
                : null;
    }
}
