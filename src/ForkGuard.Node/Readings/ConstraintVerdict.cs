using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Node.Readings;

/// <summary>Verdict about a process by all of its constraints.</summary>
internal static class ConstraintVerdict
{
    /// <summary>Unknown where a constraint that does not refuse was not read, or only a bound of it reaches a refusal.</summary>
    internal static Verdict Of(IEnumerable<ConstraintReport> constraints)
    {
        var verdict = Verdict.CanFork;
        foreach (var constraint in constraints.Where(CanBind))
        {
            if (constraint.Refuses == true)
            {
                return Verdict.CannotFork;
            }

            verdict = MayRefuse(constraint) ? Verdict.Unknown : verdict;
        }

        return verdict;
    }

    /// <summary>CopyOnWrite is a warning about saves: it refuses no fork.</summary>
    internal static bool CanBind(ConstraintReport constraint) => constraint.Type != ConstraintType.CopyOnWrite;

    // The usage in bytes has the fork in it, and the usage in tasks has not.
    private static bool MayRefuse(ConstraintReport constraint) =>
        constraint.Problem is not null
        || (
            constraint.Confidence != Confidence.Exact
            && (
                constraint.Unit == ConstraintUnit.Bytes
                    ? constraint.Used > constraint.Limit
                    : constraint.Used >= constraint.Limit
            )
        );
}
