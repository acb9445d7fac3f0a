using ForkGuard.Api;

namespace ForkGuard.Policy;

/// <summary>The vetoes that follow from the watch and the reading alone; those that need the cluster are the controller's.</summary>
internal static class ActionGates
{
    private static readonly TimeSpan LimitSettles = TimeSpan.FromMinutes(10);

    private delegate bool Gate(WatchRule rule, in RiskInput input, DateTimeOffset now);

    private static readonly (ActionVeto Veto, Gate Applies)[] Gates =
    [
        (ActionVeto.NotApplicable, IsNotApplicable),
        (ActionVeto.WhatIf, IsWhatIf),
        (ActionVeto.Paused, IsPaused),
        (ActionVeto.DryRun, IsDryRun),
        (ActionVeto.NotRemeasured, IsNotRemeasured),
        (ActionVeto.NotTheCause, IsNotTheCause),
        (ActionVeto.LimitChanged, HasLimitChanged),
    ];

    public static IReadOnlyList<ActionVeto> Vetoes(WatchRule rule, in RiskInput input, DateTimeOffset now)
    {
        var vetoes = new List<ActionVeto>();
        foreach (var (veto, applies) in Gates)
        {
            if (applies(rule, in input, now))
            {
                vetoes.Add(veto);
            }
        }

        return vetoes;
    }

    private static bool IsNotApplicable(WatchRule rule, in RiskInput input, DateTimeOffset now) =>
        Evidence.IsNotApplicable(rule, in input);

    private static bool IsWhatIf(WatchRule rule, in RiskInput input, DateTimeOffset now) =>
        rule.EvaluateAs != EvaluationMode.Actual;

    private static bool IsPaused(WatchRule rule, in RiskInput input, DateTimeOffset now) => rule.Paused;

    private static bool IsDryRun(WatchRule rule, in RiskInput input, DateTimeOffset now) => rule.DryRun;

    // A largest mapping that is only estimated is held against what looks free at this moment: no measure to act on.
    private static bool IsNotRemeasured(WatchRule rule, in RiskInput input, DateTimeOffset now) =>
        !input.Fresh
        || input.Reading
            is { Constraint: Constraint.LargestMapping, Confidence: Confidence.Estimate, ErrorBytes: null or 0 };

    // The commit charge is the whole node's: a restart helps only if this process is what fills it. What a fork would
    // charge is what the process holds already, so both go with it; of an estimate only what is proven.
    private static bool IsNotTheCause(WatchRule rule, in RiskInput input, DateTimeOffset now)
    {
        var reading = input.Reading;
        if (reading.Constraint != Constraint.CommitCharge && input.OvercommitMode != 2)
        {
            return false;
        }

        if (reading is not { OwnBytes: >= 0 and var own, LimitBytes: > 0 and var limit } || own > reading.UsedBytes)
        {
            return true;
        }

        var proven = Math.Max(0, own - Math.Max(0, reading.ErrorBytes ?? 0));
        var without = (Int128)reading.UsedBytes - own - proven;
        return without * 100 >= (Int128)limit * rule.ClearBelowPercent;
    }

    private static bool HasLimitChanged(WatchRule rule, in RiskInput input, DateTimeOffset now) =>
        now - input.LimitChangedTime < LimitSettles;
}
