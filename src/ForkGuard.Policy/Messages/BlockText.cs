using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages;

/// <summary>Gives the sentence of a reason that follows from the watch and the reading alone.</summary>
public static class BlockText
{
    /// <summary>A short sentence without a full stop; the name of a reason whose sentence needs numbers.</summary>
    public static string Of(BlockReason reason) =>
        reason switch
        {
            BlockReason.NotApplicable =>
                "no restart cures this constraint, or the kernel does not apply it in this overcommit mode",
            BlockReason.WhatIf => "spec.evaluateAs is a what-if, which never leads to a restart",
            BlockReason.Paused => "spec.paused is true",
            BlockReason.DryRun => "a dry run restarts nothing",
            BlockReason.NotRemeasured =>
                "the numbers were not read from the kernel in this scan, or are only estimated",
            BlockReason.NotGrowing =>
                "usage does not grow, or was at this level when the process had settled after its start: a restart would not lower it",
            BlockReason.NotTheCause =>
                "without this process usage would still be at or above clearBelowPercent: a restart would not help",
            BlockReason.LimitChanged => "the overcommit mode or the limit changed within the last ten minutes",
            _ => reason.ToString(),
        };
}
