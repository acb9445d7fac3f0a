using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>Evaluates what a list of processes proves about a constraint that none of them shows.</summary>
public static class Absence
{
    /// <summary>
    /// Returns the percentage that the constraint is proven to be below at every level of its hierarchy; null if nothing is
    /// proven. A process shows only the tightest of the cgroups above it, so that any other one is as full as that at most.
    /// </summary>
    /// <param name="absent">The constraint as it was last reported.</param>
    /// <param name="sharers">The listed processes that may have the constraint.</param>
    /// <param name="unlistedBelow">Processes that the list does not name are below this percentage of every constraint.</param>
    public static int? BelowOf(ConstraintReport absent, IEnumerable<ProcessReport> sharers, int unlistedBelow)
    {
        ArgumentNullException.ThrowIfNull(absent);
        ArgumentNullException.ThrowIfNull(sharers);
        var below = unlistedBelow;
        foreach (var process in sharers)
        {
            below = Math.Max(below, process.UnlistedBelow());
            foreach (var constraint in process.Constraints ?? [])
            {
                if (constraint.Type != absent.Type || !AreNested(constraint.ScopeName, absent.ScopeName))
                {
                    continue;
                }

                if (constraint.Problem is not null)
                {
                    return null;
                }

                below = Math.Max(below, JustAbove(constraint.Percent));
            }
        }

        return below;
    }

    /// <summary>The percentage that a constraint at this one is below; a report may have the highest number there is.</summary>
    internal static int JustAbove(int percent) => percent < int.MaxValue ? percent + 1 : percent;

    /// <summary>
    /// Reports whether each process has a reading of its own, also where it shares the limit: the reading of another process
    /// proves nothing about it.
    /// </summary>
    public static bool IsOfProcess(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Scope == ConstraintScope.Process
            || constraint.Type == ConstraintType.CopyOnWrite
            || (constraint.Type.Known is { } type && AccountingMode.Of(type) is not null);
    }

    /// <summary>
    /// Reports whether a process runs below the cgroup whose tasks the constraint counts, or may: its unit does not matter then.
    /// </summary>
    public static bool MayShareTasks(ConstraintReport constraint, ProcessReport other)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ArgumentNullException.ThrowIfNull(other);
        return constraint is { Type.Known: ConstraintType.Pids, ScopeName: not null }
            && (other.Constraints ?? []).Any(one =>
                one.Type == constraint.Type && AreNested(one.ScopeName, constraint.ScopeName)
            );
    }

    /// <summary>Reports whether one scope may contain the other: true also where a name is missing or was cut.</summary>
    private static bool AreNested(string? one, string? other) =>
        one is null || other is null || Contains(one, other) || Contains(other, one);

    private static bool Contains(string outer, string inner) =>
        BoundedPath.IsCut(outer)
        || string.Equals(outer, inner, StringComparison.Ordinal)
        || (inner.StartsWith(outer, StringComparison.Ordinal) && (outer.EndsWith('/') || inner[outer.Length] == '/'));
}
