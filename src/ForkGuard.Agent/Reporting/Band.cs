using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>Percentage of one constraint, of which a change by a band of five points is worth a write.</summary>
/// <param name="Percent">As reported.</param>
/// <param name="OwnPercent">In mode 2, where all processes share most of their percentage, the part of the process itself.</param>
/// <param name="Refused">Forks that the kernel has refused.</param>
internal readonly record struct Band(int Percent, int OwnPercent, long Refused)
{
    /// <summary>A percentage that wavers about the border of two bands is not a change.</summary>
    internal const int SurePercent = 2;

    private const int Width = 5;

    internal static Band Of(ConstraintReport constraint) =>
        new(
            constraint.Percent,
            constraint is { Own: { } own, Limit: > 0 and var limit }
                ? (int)Int128.Min((Int128)own * 100 / limit, int.MaxValue)
                : constraint.Percent,
            constraint.Refused ?? 0
        );

    /// <summary>Another band, or further refusals.</summary>
    internal bool DiffersFrom(Band then) =>
        Refused > then.Refused
        || (Percent / Width != then.Percent / Width && Math.Abs(Percent - then.Percent) >= SurePercent);

    /// <summary>An entry that wavers about the report level comes and goes without a write.</summary>
    internal bool IsSurelyIn(ReportSettings settings) => OwnPercent >= settings.LevelPercent + SurePercent;
}

/// <summary>One constraint of a report.</summary>
/// <param name="Rule">The what-if whose list has it; null for the kernel's own rule.</param>
/// <param name="Group">Its entry; the pod or unit for a constraint that is listed once for it, which another entry may show the next time.</param>
/// <param name="Type">Its type.</param>
/// <param name="Scope">The cgroup or uid.</param>
internal readonly record struct BandKey(
    EvaluationMode? Rule,
    ProcessGroup Group,
    OpenEnum<ConstraintType> Type,
    string? Scope
)
{
    internal static BandKey Of(EvaluationMode? rule, ProcessGroup group, ConstraintReport constraint) =>
        new(
            rule,
            ConstraintTraits.Of(constraint.Type.Known).IsListedOnce ? group.Owner : group,
            constraint.Type,
            constraint.ScopeName
        );

    internal static BandKey OfNode(ConstraintReport constraint) => new(null, default, constraint.Type, null);
}
