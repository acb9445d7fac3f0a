namespace ForkGuard.Api;

/// <summary>The readings of one node's agent; the controller creates the object, the agent patches its status.</summary>
public sealed record NodeForkReport
{
    public string ApiVersion
    {
        get;
        init => field = value ?? ForkGuardApi.ApiVersion;
    } = ForkGuardApi.ApiVersion;
    public string Kind
    {
        get;
        init => field = value ?? ForkGuardApi.NodeForkReportKind;
    } = ForkGuardApi.NodeForkReportKind;
    public ObjectMeta? Metadata { get; init; }
    public NodeForkReportSpec? Spec { get; init; }
    public NodeForkReportStatus? Status { get; init; }
}

/// <summary>Settings of the agent.</summary>
public sealed record NodeForkReportSpec
{
    /// <summary>The longest <see cref="ScanSeconds"/>: two of them are shorter than the silence of a node that is reported.</summary>
    public const int MaxScanSeconds = 300;

    /// <summary>Report processes from this percentage on, 1 to 100.</summary>
    public int? ReportAtPercent { get; init; }

    /// <summary>Write at every scan while any process is at or above this percentage; set by the controller.</summary>
    public int? EveryScanAtPercent { get; init; }

    /// <summary>Seconds between two scans, 1 to 300.</summary>
    public int? ScanSeconds { get; init; }

    /// <summary>
    /// Report also a process whose growth reaches its limit within this time, 60 to 604 800 seconds; the longest forecast of
    /// any watch, set by the controller.
    /// </summary>
    public int? ForecastSeconds { get; init; }

    /// <summary>The what-ifs that the agent evaluates besides the kernel's own rule; set by the controller.</summary>
    public IReadOnlyList<OpenEnum<EvaluationMode>>? EvaluateAs { get; init; }

    /// <summary>
    /// Report CopyOnWrite also of processes that were not seen to save by forking: the largest of each container; set by the
    /// controller where a watch names CopyOnWrite.
    /// </summary>
    public bool? SnapshotsOfAll { get; init; }
}

/// <summary>One scan of one node.</summary>
public sealed record NodeForkReportStatus
{
    public DateTimeOffset? ObservedTime { get; init; }
    public KernelReport? Kernel { get; init; }
    public ScanReport? Scan { get; init; }

    /// <summary>Constraints that all processes of the node share: Threads, PidSpace, CommitCharge.</summary>
    public IReadOnlyList<ConstraintReport>? Constraints { get; init; }

    /// <summary>
    /// The worst process of each pod or unit, container and command; at most 64, worst first, and the worst of every pod
    /// before the second of any. Cgroups and users of the host without a unit have an entry each. Another process has a further
    /// entry for a constraint by which it is worse.
    /// </summary>
    public IReadOnlyList<ProcessReport>? Processes { get; init; }

    /// <summary>The highest percentage that the list left out, rounded up; absent if it left out nothing at or above the report level.</summary>
    public int? OmittedBelowPercent { get; init; }

    /// <summary>
    /// Refusals in the kernel's log within the last hour, one for each command or cgroup; at most 16, the latest first. Absent
    /// where the agent may not read the log.
    /// </summary>
    public IReadOnlyList<RefusalReport>? Refusals { get; init; }

    /// <summary>One for each rule that <c>spec.evaluateAs</c> names and the node's kernel does not apply.</summary>
    public IReadOnlyList<WhatIfReport>? WhatIf { get; init; }

    /// <summary>Ready and Degraded.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>The processes of a node by a rule that its kernel does not apply.</summary>
public sealed record WhatIfReport
{
    public OpenEnum<EvaluationMode> EvaluateAs { get; init; }

    /// <summary>The limit that would bind.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>As <see cref="NodeForkReportStatus.Processes"/>; at most 64, worst first.</summary>
    public IReadOnlyList<ProcessReport>? Processes { get; init; }

    /// <summary>As <see cref="NodeForkReportStatus.OmittedBelowPercent"/>.</summary>
    public int? OmittedBelowPercent { get; init; }
}

/// <summary>The kernel's settings at the time of a scan.</summary>
public sealed record KernelReport
{
    public string? Release { get; init; }

    /// <summary>vm.overcommit_memory: 0 heuristic, 1 always, 2 strict.</summary>
    public int OvercommitMode { get; init; }

    /// <summary>The limit that binds in this mode; absent in mode 1.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Committed_AS.</summary>
    public long? CommittedBytes { get; init; }

    /// <summary>Swap in use or free, less that which a running swapoff takes away; absent without swap.</summary>
    public long? SwapBytes { get; init; }
}

/// <summary>Cost of a scan.</summary>
public sealed record ScanReport
{
    public int Processes { get; init; }
    public int MapsReads { get; init; }
    public int SmapsReads { get; init; }
    public int Unreadable { get; init; }
    public long DurationMicroseconds { get; init; }
}
