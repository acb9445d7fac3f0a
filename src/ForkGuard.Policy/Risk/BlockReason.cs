namespace ForkGuard.Policy.Risk;

/// <summary>
/// Reasons for which a wanted restart is not done, the most fundamental first. The names are the reasons of
/// <c>ActionSuppressed</c>, also in the metric and in the log.
/// </summary>
public enum BlockReason
{
    /// <summary>Another controller leads.</summary>
    NotLeader,

    /// <summary>Another installation of ForkGuard restarts this workload.</summary>
    Conflict,

    /// <summary>The controller's ConfigMap has <c>restarts: Off</c>, or cannot be read.</summary>
    SwitchedOff,

    /// <summary>Three restarts in the cluster did not help within an hour.</summary>
    CircuitOpen,

    /// <summary>The reading that named the pod is older than three scans.</summary>
    StaleReading,

    /// <summary>A cache has lost its stream, or the watch changed after it was evaluated.</summary>
    StaleCache,

    /// <summary>The pod that the report names is gone, was replaced, runs on another node, or its container was restarted.</summary>
    ReportMismatch,

    /// <summary>The pod is ending already, or has ended.</summary>
    Terminating,

    /// <summary>Another pod of the workload is ending.</summary>
    SiblingTerminating,

    /// <summary>The pod's node is not Ready: a replacement may not start.</summary>
    NodeNotReady,

    /// <summary>The pod's node is cordoned: its pods are moved by somebody else.</summary>
    NodeDraining,

    /// <summary>A restart does not cure the constraint, or the kernel does not apply it.</summary>
    NotApplicable,

    /// <summary>The watch evaluates by a rule that is not the node's.</summary>
    WhatIf,
    Paused,

    /// <summary>The numbers were not read from the kernel in this scan, or are only estimated.</summary>
    NotRemeasured,

    /// <summary>Usage does not grow and no refusal lasted, or the level was there when the process had settled after its start.</summary>
    NotGrowing,

    /// <summary>Without this process usage of a shared constraint would not be below <see cref="WatchRule.ClearBelowPercent"/>, as far as is known.</summary>
    NotTheCause,

    /// <summary>The mode or the limit changed within the last ten minutes.</summary>
    LimitChanged,

    /// <summary>The kubelet runs the pod from a file: an eviction would change nothing.</summary>
    Static,

    /// <summary>A pod of the priority system-cluster-critical or system-node-critical.</summary>
    Critical,

    /// <summary>No controller would replace the pod.</summary>
    Unmanaged,

    /// <summary>A Job's pod, or another one that runs to completion: its work would be lost.</summary>
    Job,

    /// <summary>An annotation on the pod or its owner forbids it.</summary>
    OptedOut,

    /// <summary>The pod has an emptyDir, whose data would be lost.</summary>
    LocalStorage,

    /// <summary>Restarts of this workload did not help as often as <c>maxIneffectiveRestarts</c> allows.</summary>
    GaveUp,

    /// <summary>Too few other replicas of the same workload are Ready.</summary>
    MinReadyReplicas,

    /// <summary>None of the watch's windows is open.</summary>
    OutsideWindow,

    /// <summary>The workload was restarted too recently or is being restarted, by this watch or another.</summary>
    Cooldown,

    /// <summary>Too many restarts are in progress.</summary>
    Budget,

    /// <summary>A PodDisruptionBudget does not allow the eviction now, or more than one selects the pod.</summary>
    DisruptionBudget,

    /// <summary>The API server throttles the controller.</summary>
    Throttled,

    /// <summary>The API server failed, or did not answer in time.</summary>
    Unavailable,

    /// <summary>The API server does not let the controller do it; its answer is the message.</summary>
    Refused,

    /// <summary>The watch, or the whole controller, only reports what it would do.</summary>
    DryRun,
}
