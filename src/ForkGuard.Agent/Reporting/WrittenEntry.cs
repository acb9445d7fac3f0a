using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Agent.Reporting;

/// <summary>Verdict and binding constraint of one entry of a report.</summary>
internal readonly record struct WrittenEntry(
    OpenEnum<Verdict> Verdict,
    OpenEnum<ConstraintType>? Binding,
    int BindingPercent,
    int NextPercent
)
{
    internal static WrittenEntry Of(ProcessReport process)
    {
        var binding = process.Binding();
        var others = process.Constraints?.Where(constraint => !ReferenceEquals(constraint, binding)) ?? [];
        return new WrittenEntry(
            process.Verdict,
            process.BindingConstraint,
            binding?.Percent ?? 0,
            others.Select(constraint => constraint.Percent).DefaultIfEmpty(0).Max()
        );
    }

    /// <summary>Two constraints at nearly the same percentage bind by turns, which is not a change.</summary>
    internal bool DiffersFrom(WrittenEntry then) =>
        Verdict != then.Verdict || (Binding != then.Binding && BindingPercent - NextPercent >= Band.SurePercent);
}
