using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// One entry of a report: the worst process of a group. Another process of the group has an entry of its own only for a
/// constraint by which it is worse.
/// </summary>
/// <param name="Worst">The process.</param>
/// <param name="Constraints">
/// The listed constraints: the binding one, and then the others, worst first, without those that another entry shows.
/// </param>
/// <param name="Verdict">By all of its constraints.</param>
/// <param name="Count">Processes of the group at or above the report level.</param>
/// <param name="OmittedPercent">The highest percentage of the group that no entry lists; 0 if nothing was left out.</param>
internal sealed record GroupEntry(
    Candidate Worst,
    IReadOnlyList<ConstraintReport> Constraints,
    Verdict Verdict,
    int Count,
    int OmittedPercent
)
{
    internal ConstraintReport? Binding => BindingOf(Constraints);

    /// <summary>The highest percentage of the entry, listed or not.</summary>
    internal int Percent => Math.Max(OmittedPercent, Constraints.Max(constraint => constraint.Percent));

    /// <summary>
    /// Returns the entries, worst first. Tasks and room of a cgroup are listed once for each pod or unit, in its worst entry. Beside them
    /// the highest percentage at the level of groups without an entry, as of saves with room enough; 0 without one.
    /// </summary>
    internal static (List<GroupEntry> Entries, int OmittedPercent) Of(
        IReadOnlyList<List<Candidate>> groups,
        ReportSettings settings
    )
    {
        List<List<Candidate>> alive = [.. groups.Where(group => group.Count > 0)];
        alive.Sort((a, b) => CandidateList.CompareWorstFirst(a[0], b[0], settings));
        var holders = new ConstraintHolders(alive, settings);
        var found = new List<GroupEntry>();
        var percent = 0;
        foreach (var group in alive)
        {
            var (entries, omitted) = OfGroup(group, holders, settings);
            if (entries.Exists(entry => entry.Constraints.Any(settings.IsAtLevel)))
            {
                found.AddRange(entries);
            }
            else if (omitted >= settings.LevelPercent)
            {
                percent = Math.Max(percent, omitted);
            }
        }

        return (
            [
                .. found
                    .OrderBy(entry => entry.Worst.IsForkChild)
                    .ThenByDescending(entry => entry.Constraints.Max(settings.RankOf)),
            ],
            percent
        );
    }

    private static (List<GroupEntry> Entries, int OmittedPercent) OfGroup(
        List<Candidate> group,
        ConstraintHolders holders,
        ReportSettings settings
    )
    {
        var entries = new List<GroupEntry>();
        var omitted = 0;
        foreach (var candidate in group)
        {
            var held = holders.HeldBy(candidate);
            var binding = entries.Count == 0 ? BindingOf(held) : null;
            List<ConstraintReport> others =
            [
                .. held.Where(c => !ReferenceEquals(c, binding) && settings.IsReportedBesideBinding(c)),
            ];
            binding ??= BindingOf(others);
            List<ConstraintReport> listed = binding is null
                ? others
                : [binding, .. others.Where(c => !ReferenceEquals(c, binding))];
            omitted = held.Except(listed).Select(c => c.Percent).Append(omitted).Max();
            if (listed.Count > 0)
            {
                entries.Add(
                    new GroupEntry(candidate, listed, ConstraintVerdict.Of(candidate.Constraints), group.Count, 0)
                );
            }
        }

        return ([.. entries.Select(entry => entry with { OmittedPercent = omitted })], omitted);
    }

    /// <summary>The worst constraint that can refuse a fork, one that was read before others; null if none can.</summary>
    private static ConstraintReport? BindingOf(IReadOnlyList<ConstraintReport> constraints) =>
        constraints.FirstOrDefault(constraint => ConstraintVerdict.CanBind(constraint) && constraint.Problem is null)
        ?? constraints.FirstOrDefault(ConstraintVerdict.CanBind);
}
