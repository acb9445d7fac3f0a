using ForkGuard.Api;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Advice about a constraint that refuses a fork or is near its limit.</summary>
public static class ForkAdvice
{
    /// <summary>
    /// Reports whether advice is due: the constraint refuses, or usage is at or above the default warning level. Never for an
    /// upper bound or a failed read.
    /// </summary>
    public static bool IsDue(ConstraintReport constraint) => throw new NotSupportedException();

    /// <summary>Full sentences, the least intrusive remedy first.</summary>
    public static IReadOnlyList<string> Sentences(
        ProcessReport? process,
        ConstraintReport constraint,
        Place place,
        AdviceFacts facts
    ) => throw new NotSupportedException();

    /// <summary>One clause for an Event or a table, without a full stop.</summary>
    public static string Clause(
        ProcessReport? process,
        ConstraintReport constraint,
        Place place,
        AdviceFacts facts
    ) => throw new NotSupportedException();
}
