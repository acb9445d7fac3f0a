namespace ForkGuard.Policy.Restarts;

/// <summary>What is known when a restart is decided; the pod and its owner are read afresh for it.</summary>
public sealed record RestartFacts
{
    public required bool IsLeader { get; init; }

    /// <summary>The report asks for a restart of this pod on this node.</summary>
    public required ReportFacts Report { get; init; }

    /// <summary>Null if there is no pod of this name any more.</summary>
    public required PodFacts? Pod { get; init; }

    public required LedgerFacts Ledger { get; init; }

    /// <summary>Until when the disruption budget asked not to try again; null if it did not.</summary>
    public DateTimeOffset? DisruptionBlockedUntil { get; init; }
}

/// <summary>The report behind the evidence.</summary>
/// <param name="PodUid">The pod as the report names it.</param>
/// <param name="Node">The node that the report is of.</param>
/// <param name="SeenTime">When the controller saw the report change, by its own clock.</param>
/// <param name="ScanInterval">The time between two scans of the agent.</param>
public sealed record ReportFacts(string PodUid, string Node, DateTimeOffset SeenTime, TimeSpan ScanInterval);

/// <summary>The pod as the API server has it now.</summary>
public sealed record PodFacts
{
    public required string Uid { get; init; }
    public required string? Node { get; init; }
    public bool IsTerminating { get; init; }
    public bool IsStatic { get; init; }
    public bool IsCritical { get; init; }

    /// <summary>Its restart policy is not Always: it has work to end, of a Job or of a kind that is not known here.</summary>
    public bool RunsToCompletion { get; init; }

    /// <summary>It has an emptyDir volume.</summary>
    public bool HasLocalStorage { get; init; }

    /// <summary>What forbids a restart, as in <c>annotation forkguard.io/restart on the pod</c>; null if nothing does.</summary>
    public string? OptOut { get; init; }

    /// <summary>Null for a pod without a controller.</summary>
    public OwnerFacts? Owner { get; init; }
}

/// <summary>The workload that makes the pod anew: a Deployment and not its ReplicaSet.</summary>
/// <param name="Kind">Such as Deployment.</param>
/// <param name="Namespace">Its namespace, which is the pod's.</param>
/// <param name="Name">Its name.</param>
/// <param name="OtherReady">Other pods of the same owner that are Ready and not ending.</param>
public sealed record OwnerFacts(string Kind, string Namespace, string Name, int OtherReady);

/// <summary>What was restarted before, over all watches unless it says otherwise.</summary>
public sealed record LedgerFacts
{
    /// <summary>When the owner was last restarted; null if never.</summary>
    public DateTimeOffset? LastRestart { get; init; }

    /// <summary>The watch that restarted it then.</summary>
    public string? LastRestartBy { get; init; }

    /// <summary>It was only said to be restarted then.</summary>
    public bool LastRestartWasDry { get; init; }

    /// <summary>Restarts of the owner within a day that did not help.</summary>
    public int Ineffective { get; init; }

    /// <summary>Restarts of the owner that are under way.</summary>
    public int OpenOfOwner { get; init; }

    /// <summary>Restarts of this watch that are under way.</summary>
    public int OpenOfWatch { get; init; }

    /// <summary>Restarts on this node that are under way.</summary>
    public int OpenOnNode { get; init; }

    /// <summary>Restarts in the cluster that were started within the last ten minutes.</summary>
    public int StartedLately { get; init; }

    /// <summary>The watch's ledger has no room for this owner.</summary>
    public bool IsFull { get; init; }
}

/// <summary>The controller's own limits, over all watches.</summary>
/// <param name="MaxPerNode">Restarts under way on one node at once.</param>
/// <param name="MaxInTenMinutes">Restarts started in the cluster within ten minutes.</param>
public sealed record RestartBudget(int MaxPerNode, int MaxInTenMinutes)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    public static readonly RestartBudget Default = new(MaxPerNode: 1, MaxInTenMinutes: 5);
}
