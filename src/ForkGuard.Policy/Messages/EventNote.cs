using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages.Advice;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages;

/// <summary>Details of an Event, which follow its subject and its reason.</summary>
public static class EventNote
{
    /// <summary>Numbers, growth, time left, zombies, the remedy and the command that shows more; for a recovery the numbers only.</summary>
    /// <param name="type">Kind of the announcement.</param>
    /// <param name="process">The worst process of the target; null for a constraint of the node.</param>
    /// <param name="constraint">The constraint as measured.</param>
    /// <param name="place">Where the process runs.</param>
    /// <param name="facts">Facts that decide what advice fits.</param>
    public static string Of(
        RiskAnnouncementType type,
        ProcessReport? process,
        ConstraintReport constraint,
        Place place,
        AdviceFacts facts
    )
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(facts);
        var parts = new List<string> { Numbers(constraint, facts.OvercommitMode) };
        if (type == RiskAnnouncementType.ForkRecovered)
        {
            return parts[0];
        }

        if (GrowthText.Of(constraint) is { } growth)
        {
            parts.Add(growth);
        }

        if (ZombieText.Of(constraint) is { } zombies)
        {
            parts.Add(zombies);
        }

        parts.Add(ForkAdvice.Clause(process, constraint, place, facts));
        parts.Add($"details: {Command(process, place)}");
        return string.Join("; ", parts);
    }

    /// <summary>The command that shows more, as it must be typed at the place.</summary>
    public static string Command(ProcessReport? process, Place place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return place.Command(process is { Pid: > 0 and var pid } ? $"check {pid}" : "top");
    }

    private static string Numbers(ConstraintReport constraint, int overcommitMode)
    {
        var numbers = $"{ConstraintText.Name(constraint)}: {ConstraintText.UsedOfLimit(constraint)}";
        if (constraint.Type == ConstraintType.CommitCharge)
        {
            numbers += CommitParts(constraint);
        }

        if (constraint.Mapping is { } mapping && MappingText.Of(mapping) is { } kind)
        {
            numbers += $" ({kind})";
        }

        return constraint.Type.Known is not { } type || AccountingMode.Of(type) is not { } mode ? numbers
            : mode == overcommitMode ? $"{numbers}, mode {mode}"
            : $"{numbers}, by the rule of mode {mode} on a kernel in mode {overcommitMode}";
    }

    private static string CommitParts(ConstraintReport constraint)
    {
        var own = constraint.Own is { } bytes ? $", {SizeText.Bytes(bytes)} of it goes with the process" : "";
        var children = constraint.ForkChildren is { } held and > 0
            ? $", up to {SizeText.Bytes(held)} with fork children"
            : "";
        return own + children;
    }
}
