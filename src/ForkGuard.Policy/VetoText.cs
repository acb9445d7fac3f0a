namespace ForkGuard.Policy;

/// <summary>Says in a sentence what a veto that follows from the watch and the reading means.</summary>
public static class VetoText
{
    /// <summary>A short sentence without a full stop; the veto's name for one that needs numbers to be told.</summary>
    public static string Of(ActionVeto veto) =>
        veto switch
        {
            ActionVeto.NotApplicable => "the kernel of the node refuses no fork (overcommit mode 1)",
            ActionVeto.WhatIf => "spec.evaluateAs asks what if, and a what-if never acts",
            ActionVeto.Paused => "spec.paused is true",
            ActionVeto.DryRun => "a dry run restarts nothing",
            ActionVeto.NotRemeasured =>
                "the numbers were not read afresh from the kernel in this scan, or only estimated",
            ActionVeto.NotTheCause =>
                "without this process the node would still be above clearBelowPercent: a restart would not help",
            ActionVeto.LimitChanged =>
                "the node's overcommit mode or limit moved within ten minutes, and every process with it",
            _ => veto.ToString(),
        };
}
