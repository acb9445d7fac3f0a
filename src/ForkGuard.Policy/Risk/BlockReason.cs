namespace ForkGuard.Policy.Risk;

/// <summary>Reasons for which a wanted action is not taken; the names are the reasons of <c>ActionSuppressed</c>, also in the metric and in the log.</summary>
public enum BlockReason
{
    /// <summary>A restart does not cure the constraint, or the kernel does not apply it.</summary>
    NotApplicable,

    /// <summary>The watch evaluates by a rule that is not the node's.</summary>
    WhatIf,
    Paused,

    /// <summary>The watch, or the whole controller, only reports what it would do.</summary>
    DryRun,

    /// <summary>None of the watch's windows is open.</summary>
    OutsideWindow,

    /// <summary>The owner was restarted too recently, by this watch or another.</summary>
    Cooldown,

    /// <summary>Too many restarts are under way, or were started in the last ten minutes, or the ledger is full.</summary>
    Budget,

    /// <summary>Too few other replicas of the same owner are Ready.</summary>
    MinReadyReplicas,

    /// <summary>The pod has an emptyDir, whose data would go.</summary>
    LocalStorage,

    /// <summary>The kubelet runs the pod from a file: an eviction would change nothing.</summary>
    Static,

    /// <summary>No controller would replace the pod.</summary>
    Unmanaged,

    /// <summary>A Job's pod, or another one that runs to completion: its work would be lost.</summary>
    Job,

    /// <summary>A pod of the priority system-cluster-critical or system-node-critical.</summary>
    Critical,

    /// <summary>The pod is ending already, or has ended.</summary>
    Terminating,

    /// <summary>The numbers were not read from the kernel in this scan, or are only estimated.</summary>
    NotRemeasured,

    /// <summary>Usage does not grow and no refusal lasted, or the level was there when the process had settled after its start.</summary>
    NotGrowing,

    /// <summary>Without this process usage of a shared constraint would not be below <see cref="WatchRule.ClearBelowPercent"/>, as far as is known.</summary>
    NotTheCause,

    /// <summary>The mode or the limit changed within the last ten minutes.</summary>
    LimitChanged,

    /// <summary>The report is older than three scans.</summary>
    StaleReport,

    /// <summary>The pod that the report names is gone, was replaced, or runs on another node.</summary>
    ReportMismatch,

    /// <summary>A PodDisruptionBudget does not allow the eviction now.</summary>
    DisruptionBudget,

    /// <summary>Restarts of this owner did not help as often as <c>giveUpAfter</c> allows.</summary>
    GaveUp,

    /// <summary>An annotation on the pod or its owner forbids it.</summary>
    OptedOut,

    /// <summary>The API server does not let the controller do it; its answer is the message.</summary>
    Refused,

    /// <summary>Another controller leads.</summary>
    NotLeader,
}
