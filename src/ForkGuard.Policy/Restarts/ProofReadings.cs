using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Restarts;

/// <summary>Readings of a replacement, and what they prove about its level.</summary>
public static class ProofReadings
{
    /// <summary>Reads the level of the replacement; null if nothing is proven.</summary>
    /// <param name="run">The restart.</param>
    /// <param name="own">Entries of the replacement that may show the constraint of the restart.</param>
    /// <param name="absentBelow">Processes without an entry are below this percentage of every constraint.</param>
    /// <param name="seenTime">When the reading was first seen.</param>
    public static ReplacementReading? Of(
        RestartRun run,
        IReadOnlyList<ProcessReport> own,
        int absentBelow,
        DateTimeOffset seenTime
    )
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(own);
        var found = own.Select(process => ConstraintOf(run, process)).OfType<ConstraintReport>().ToList();
        if (
            found
                .Where(constraint => IsEvidence(constraint) && !HasOtherLimit(run, constraint))
                .MaxBy(constraint => constraint.Percent)
                is { } worst
            && worst.Percent >= run.ActAtPercent
        )
        {
            return new ReplacementReading(ProofLevel.AtOrAbove, worst.Percent, seenTime);
        }

        if (found.Exists(constraint => HasOtherLimit(run, constraint)))
        {
            return new ReplacementReading(ProofLevel.Changed, 0, seenTime);
        }

        var below = own.Select(process => BelowOf(run, process)).Append(absentBelow).Max();
        return below <= run.ActAtPercent
            ? new ReplacementReading(ProofLevel.Below, Math.Max(0, below - 1), seenTime)
            : null;
    }

    /// <summary>The mode or the limit of memory accounting is another one than at the decision: nothing can be proven.</summary>
    /// <param name="run">The restart.</param>
    /// <param name="node">The node of the replacement.</param>
    /// <param name="overcommitMode">Its vm.overcommit_memory.</param>
    /// <param name="limitChangedTime">Last change of its mode or limit; null if none was seen.</param>
    public static bool HasMoved(RestartRun run, string node, int overcommitMode, DateTimeOffset? limitChangedTime)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Constraint.Known is { } type
            && AccountingMode.Of(type) is not null
            && (
                (string.Equals(run.Node, node, StringComparison.Ordinal) && overcommitMode != run.OvercommitMode)
                || limitChangedTime >= run.DecidedTime
            );
    }

    // The limit of memory accounting is another one on every node.
    private static bool HasOtherLimit(RestartRun run, ConstraintReport constraint) =>
        run.Constraint.Known is ConstraintType.Pids or ConstraintType.PidNamespace
        && run.Limit is { } limit
        && constraint.Limit is { } now
        && now != limit;

    private static ConstraintReport? ConstraintOf(RestartRun run, ProcessReport process) =>
        process.Constraints?.FirstOrDefault(constraint =>
            constraint.Type == run.Constraint && constraint.Scope == run.Scope
        );

    private static bool IsEvidence(ConstraintReport constraint) =>
        constraint.Problem is null && constraint.Confidence != Confidence.UpperBound;

    /// <summary>The percentage that the process is proven to be below; none for what was not read.</summary>
    private static int BelowOf(RestartRun run, ProcessReport process) =>
        // A process shows the tightest of its cgroups: a level of another scope is an upper bound for that of the restart.
        (process.Constraints ?? [])
            .Where(constraint => constraint.Type == run.Constraint)
            .Select(constraint => constraint.Problem is null ? Absence.JustAbove(constraint.Percent) : int.MaxValue)
            .DefaultIfEmpty(process.UnlistedBelow())
            .Max();
}
