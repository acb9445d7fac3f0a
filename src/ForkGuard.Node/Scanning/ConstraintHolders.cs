using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// The process that shows each constraint: tasks and room of a cgroup once for its pod or unit, all else once for each group of
/// processes. The worst reading is shown, and the highest one beside it, since the levels of the watches differ.
/// </summary>
internal sealed class ConstraintHolders
{
    private readonly Dictionary<Key, Holder> _worst = [];
    private readonly Dictionary<Key, Holder> _highest = [];
    private readonly ReportSettings _settings;

    /// <param name="groups">The groups, worst first, and the processes of each, worst first.</param>
    /// <param name="settings">Levels of the scan.</param>
    internal ConstraintHolders(IEnumerable<List<Candidate>> groups, ReportSettings settings)
    {
        _settings = settings;
        foreach (var group in groups)
        {
            // A fork child is in no place of its parent, since it ends soon.
            foreach (var candidate in group.Where(c => c.IsForkChild == group[0].IsForkChild))
            {
                foreach (var constraint in candidate.Constraints)
                {
                    Offer(new Holder(candidate, constraint));
                }
            }
        }
    }

    /// <summary>The constraints that the process shows, worst first.</summary>
    internal List<ConstraintReport> HeldBy(Candidate candidate) =>
        [.. candidate.Constraints.Where(constraint => IsShown(new Holder(candidate, constraint)))];

    private bool IsShown(Holder holder) =>
        _worst.TryGetValue(holder.Key, out var worst)
        && (
            holder.Is(worst)
            || (holder.Is(_highest[holder.Key]) && holder.Constraint.Percent > worst.Constraint.Percent)
        );

    private void Offer(Holder holder)
    {
        var key = holder.Key;
        if (!_worst.TryGetValue(key, out var worst))
        {
            _worst.Add(key, holder);
            _highest.Add(key, holder);
            return;
        }

        if (holder.Constraint.Percent > _highest[key].Constraint.Percent)
        {
            _highest[key] = holder;
        }

        var byRank = _settings.RankOf(holder.Constraint).CompareTo(_settings.RankOf(worst.Constraint));
        if (byRank > 0 || (byRank == 0 && key.IsShared && IsBetter(holder.Candidate, worst.Candidate)))
        {
            _worst[key] = holder;
        }
    }

    /// <summary>The worst by its other constraints, then the largest.</summary>
    private static bool IsBetter(Candidate candidate, Candidate holder)
    {
        var byOthers = OthersOf(candidate).CompareTo(OthersOf(holder));
        return (byOthers != 0 ? byOthers : candidate.Pages.CompareTo(holder.Pages)) > 0;
    }

    private static int OthersOf(Candidate candidate) =>
        candidate
            .Constraints.Where(constraint => !Key.Of(candidate, constraint).IsShared)
            .Select(constraint => constraint.Percent)
            .DefaultIfEmpty(-1)
            .Max();

    private readonly record struct Holder(Candidate Candidate, ConstraintReport Constraint)
    {
        internal Key Key => Key.Of(Candidate, Constraint);

        internal bool Is(Holder other) =>
            ReferenceEquals(Candidate, other.Candidate) && ReferenceEquals(Constraint, other.Constraint);
    }

    private readonly record struct Key(ProcessGroup Group, OpenEnum<ConstraintType> Type, string? Scope, bool IsShared)
    {
        internal static Key Of(Candidate candidate, ConstraintReport constraint) =>
            constraint.Problem is null && ConstraintTraits.Of(constraint.Type.Known).IsListedOnce
                ? new Key(candidate.Group.Owner, constraint.Type, constraint.ScopeName ?? "", IsShared: true)
                : new Key(candidate.Group, constraint.Type, ScopeOf(constraint), IsShared: false);

        // Each user has a count of its own, whatever unit and command its processes share. A cgroup has room of its own for saves; null
        // keeps a failed read apart, which no reading of another process replaces.
        private static string? ScopeOf(ConstraintReport constraint) =>
            constraint.Type == ConstraintType.UserProcesses ? constraint.ScopeName ?? ""
            : constraint.Problem is null && ConstraintTraits.Of(constraint.Type.Known).IsCostInCgroup
                ? constraint.ScopeName ?? ""
            : null;
    }
}
