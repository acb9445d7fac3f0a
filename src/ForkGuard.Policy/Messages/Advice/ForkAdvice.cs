using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Advice about a constraint that refuses a fork or is near its limit: the same for every command and Event.</summary>
public static class ForkAdvice
{
    private static readonly IConstraintAdvice[] All =
    [
        new LargestMappingAdvice(),
        new CommitChargeAdvice(),
        new PidsAdvice(),
        new ThreadsAdvice(),
        new PidSpaceAdvice(),
        new UserProcessesAdvice(),
        new PidNamespaceAdvice(),
        new ContainerMemoryAdvice(),
        new CopyOnWriteAdvice(),
    ];

    /// <summary>
    /// Reports whether advice is due: the constraint refuses a fork, or usage is at or above the default warning level. Never
    /// for an upper bound or a failed read.
    /// </summary>
    public static bool IsDue(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint is { Problem: null, Confidence.Known: Confidence.Exact or Confidence.Estimate }
            && (constraint.Refuses == true || constraint.Percent >= WatchDefaults.WarnAtPercent);
    }

    /// <summary>Full sentences, the least intrusive remedy first; empty for a type of a later version.</summary>
    /// <param name="process">The process; null for a constraint that the whole node shares.</param>
    /// <param name="constraint">A constraint of it for which advice is due.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="facts">Facts beside the report.</param>
    public static IReadOnlyList<string> Sentences(
        ProcessReport? process,
        ConstraintReport constraint,
        Place place,
        AdviceFacts facts
    ) => Find(constraint)?.Sentences(new AdviceCase(process, constraint, place, facts)).ToArray() ?? [];

    /// <summary>One clause for an Event or a table, without a full stop.</summary>
    /// <param name="process">The process; null for a constraint that the whole node shares.</param>
    /// <param name="constraint">A constraint of it for which advice is due.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="facts">Facts beside the report.</param>
    public static string Clause(ProcessReport? process, ConstraintReport constraint, Place place, AdviceFacts facts) =>
        Find(constraint)?.Clause(new AdviceCase(process, constraint, place, facts))
        ?? "a later version of ForkGuard has advice about this constraint";

    private static IConstraintAdvice? Find(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return Array.Find(All, advice => constraint.Type == advice.Type);
    }
}
