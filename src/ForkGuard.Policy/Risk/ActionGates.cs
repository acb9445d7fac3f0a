using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Risk;

/// <summary>The gates that follow from the watch and the reading alone; those that need the cluster are the controller's.</summary>
internal static class ActionGates
{
    private static readonly TimeSpan LimitSettles = TimeSpan.FromMinutes(10);

    private delegate bool Gate(WatchRule rule, RiskMemory memory, in RiskInput input);

    private static readonly (BlockReason Reason, Gate Blocks)[] Gates =
    [
        (BlockReason.NotApplicable, IsNotApplicable),
        (
            BlockReason.WhatIf,
            (WatchRule rule, RiskMemory _, in RiskInput _) => rule.EvaluateAs != EvaluationMode.Actual
        ),
        (BlockReason.Paused, (WatchRule rule, RiskMemory _, in RiskInput _) => rule.Paused),
        (BlockReason.DryRun, (WatchRule rule, RiskMemory _, in RiskInput _) => rule.DryRun),
        (BlockReason.NotRemeasured, IsNotRemeasured),
        (BlockReason.NotGrowing, IsNotGrowing),
        (BlockReason.NotTheCause, IsNotTheCause),
        (BlockReason.LimitChanged, HasLimitChanged),
    ];

    public static IReadOnlyList<BlockReason> BlockedBy(WatchRule rule, RiskMemory memory, in RiskInput input)
    {
        var reasons = new List<BlockReason>();
        foreach (var (reason, blocks) in Gates)
        {
            if (blocks(rule, memory, in input))
            {
                reasons.Add(reason);
            }
        }

        return reasons;
    }

    // A restart gives memory and tasks back; it lowers no usage of others and raises no limit.
    private static bool IsNotApplicable(WatchRule rule, RiskMemory memory, in RiskInput input) =>
        Evidence.IsNotApplicable(rule, in input)
        || input.Process is null
        || !ConstraintTraits.Of(input.Constraint.Type.Known).MayCauseRestart;

    // Of the estimates only the commit charge's has a known error, which the evidence leaves out.
    private static bool IsNotRemeasured(WatchRule rule, RiskMemory memory, in RiskInput input) =>
        !input.Fresh
        || (
            input.Constraint.Confidence != Confidence.Exact
            && input.Constraint is not { Type.Known: ConstraintType.CommitCharge, Uncertainty: > 0 }
        );

    private static bool IsNotGrowing(WatchRule rule, RiskMemory memory, in RiskInput input) =>
        input.Constraint.Growing != true
        && (
            !Continuity.IsHeld(memory.RefusesSince, rule.Hold, memory.EvaluatedTime)
            || MayHaveBeenThereAtStart(rule, input.Constraint)
        );

    // Without settled usage nothing shows that the process, or the one that replaces it, does not start at its limit.
    private static bool MayHaveBeenThereAtStart(WatchRule rule, ConstraintReport constraint) =>
        constraint.Limit > 0
        && (
            constraint.Settled is not { } settled
            || (Int128)settled.Used * 100 >= (Int128)constraint.Limit * rule.ActAtPercent
        );

    // Usage of a shared scope is that of many: a restart helps only if this process, as far as is proven, is the cause.
    private static bool IsNotTheCause(WatchRule rule, RiskMemory memory, in RiskInput input)
    {
        var constraint = input.Constraint;
        if (
            constraint.Scope.Known is ConstraintScope.Process or ConstraintScope.Container or ConstraintScope.Pod
            || IsOfUnit(input.Process, constraint)
        )
        {
            return false;
        }

        if (constraint is not { Own: >= 0 and var own, Limit: > 0 and var limit } || own > constraint.Used)
        {
            return true;
        }

        var proven = Math.Max(0, own - Math.Max(0, constraint.Uncertainty ?? 0));
        return ((Int128)constraint.Used - proven) * 100 >= (Int128)limit * rule.ClearBelowPercent;
    }

    // A restart of the unit ends all processes of its cgroup and of those below it. Below anything but slices is a unit of the same
    // name of a user's manager or of a container.
    private static bool IsOfUnit(ProcessReport? process, ConstraintReport constraint) =>
        constraint is { Scope.Known: ConstraintScope.Cgroup, ScopeName: { } scope }
        && process is { Pod: null, SystemdUnit: { } unit }
        && scope
            .Split('/', StringSplitOptions.RemoveEmptyEntries)
            .SkipWhile(folder => folder.EndsWith(".slice", StringComparison.Ordinal))
            .FirstOrDefault() == unit;

    // The limit of memory accounting; that of tasks does not move with it.
    private static bool HasLimitChanged(WatchRule rule, RiskMemory memory, in RiskInput input) =>
        input.Constraint.Type.Known is { } type
        && AccountingMode.Of(type) is not null
        && memory.EvaluatedTime - input.LimitChangedTime < LimitSettles;
}
