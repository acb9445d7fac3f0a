using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>A victim and the fork that the specification of the kernel predicts.</summary>
/// <param name="Victim">The process whose fork is tried.</param>
/// <param name="Error">The errno, 0 for a fork that succeeds, or <see cref="ForkOutcome.Killed"/>.</param>
internal sealed record ConstraintCase(GuestVictim Victim, int Error)
{
    /// <summary>The difference to the other cases, for messages.</summary>
    internal required string Description { get; init; }

    /// <summary>Usage that <c>check</c> must list; null where it is an estimate.</summary>
    internal long? Used { get; init; }

    /// <summary>Limit that <c>check</c> must list; null where it is an estimate.</summary>
    internal long? Limit { get; init; }

    internal string? Scope { get; init; }

    /// <summary>The kernel exposes nothing that decides: Unknown is a right verdict too.</summary>
    internal bool MayBeUnknown { get; init; }

    /// <summary>So near the limit that an estimate may be wrong.</summary>
    internal bool IsWithinUncertainty { get; init; }
}

/// <summary>A verdict compared with the fork that followed.</summary>
internal sealed record ConstraintTrial(
    string Machine,
    string Constraint,
    ConstraintCase Case,
    ConstraintVerdict Verdict,
    int Error
)
{
    internal bool IsRefused => Error != 0;

    /// <summary>Whether the kernel did not do what the specification says.</summary>
    internal bool IsUnexpected => Error != Case.Error;

    /// <summary>Whether the verdict, its binding constraint or its numbers are not those of the kernel.</summary>
    internal bool IsWrong => !IsExcused && HasAnotherAnswer;

    private bool IsExcused =>
        (Case.IsWithinUncertainty && Verdict.Find(Constraint) is { Confidence: "Estimate" })
        || (
            Case.IsWithinUncertainty
            && Verdict.Verdict == ConstraintVerdict.Unknown
            && Verdict.Find(Constraint) is { Confidence: "UpperBound" }
        )
        || (Case.MayBeUnknown && Verdict.Verdict == ConstraintVerdict.Unknown);

    private bool HasAnotherAnswer =>
        Verdict.Verdict != (IsRefused ? ConstraintVerdict.CannotFork : ConstraintVerdict.CanFork)
        || (IsRefused && Verdict.BindingConstraint != Constraint)
        || !AreNumbersRight;

    private bool AreNumbersRight =>
        (Case.Used ?? Case.Limit) is null
        || Verdict.Find(Constraint) is { } listed
            && (Case.Used ?? listed.Used) == listed.Used
            && (Case.Limit ?? listed.Limit) == listed.Limit
            && (Case.Scope ?? listed.Scope) == listed.Scope
            && listed.Percent == listed.Used * 100 / listed.Limit;

    /// <summary>The kernel did what the specification says, and each verdict says the same.</summary>
    internal static void AssertRight(IReadOnlyCollection<ConstraintTrial> trials)
    {
        Assert.NotEmpty(trials);
        AssertNone(trials.Where(t => t.IsUnexpected));
        AssertNone(trials.Where(t => t.IsWrong));
    }

    private static void AssertNone(IEnumerable<ConstraintTrial> trials) =>
        Assert.True(!trials.Any(), string.Join('\n', trials.Select(t => t.Describe())));

    internal string Describe() =>
        $"{Machine}, {Constraint}, {Case.Victim.Layout}, {Case.Description}: fork gave {Error}, expected {Case.Error}; used {Case.Used}, limit {Case.Limit}, scope {Case.Scope}; the verdict was {Verdict.Text}";
}
