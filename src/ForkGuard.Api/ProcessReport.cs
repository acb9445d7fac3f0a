namespace ForkGuard.Api;

/// <summary>Whether a process can fork.</summary>
public enum Verdict
{
    CanFork,
    CannotFork,

    /// <summary>Accounting cannot refuse this process: overcommit mode 1, or nothing that could fork.</summary>
    NotApplicable,

    /// <summary>The mappings could not be read, and the bound exceeds the limit.</summary>
    Unknown,
}

/// <summary>How far a verdict's numbers can be trusted.</summary>
public enum Confidence
{
    /// <summary>Read from the kernel's own flags, and exact to the page.</summary>
    Exact,

    /// <summary>An upper bound, or a rule that depends on the moment; the error is given where it is known.</summary>
    Estimate,
}

/// <summary>What binds.</summary>
public enum Constraint
{
    /// <summary>Mode 0: the largest accountable mapping against RAM plus swap.</summary>
    LargestMapping,

    /// <summary>Mode 2: Committed_AS plus what a fork would charge against what the kernel allows.</summary>
    CommitCharge,
}

/// <summary>One process, measured once.</summary>
public sealed record ProcessReport
{
    /// <summary>When the numbers were read from the kernel, which may be before the scan that carries them.</summary>
    public DateTimeOffset MeasuredTime { get; init; }

    public int Pid { get; init; }

    /// <summary>Clock ticks since boot, proc_pid_stat(5) field 22: with the pid, the identity of a process.</summary>
    public long StartTime { get; init; }

    /// <summary>The kernel's name of the process, at most 15 bytes.</summary>
    public string Command
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>
    /// The pod that it belongs to; null for a process of the host. Of a static pod the uid is the hash of its manifest.
    /// Namespace and name are empty where the node has no log folder of it.
    /// </summary>
    public PodReference? Pod { get; init; }

    public ContainerReference? Container { get; init; }

    /// <summary>The systemd unit of a process that belongs to no pod.</summary>
    public string? Unit { get; init; }

    public Verdict Verdict { get; init; }
    public Confidence Confidence { get; init; }

    /// <summary>How far <see cref="UsedBytes"/> or the limit can be off, for an estimate whose error is known.</summary>
    public long? ErrorBytes { get; init; }

    public Constraint? Constraint { get; init; }

    /// <summary>What is held against the limit; with a bound only, the bound.</summary>
    public long UsedBytes { get; init; }

    /// <summary>What a fork of this process would charge (CommitCharge).</summary>
    public long? OwnBytes { get; init; }

    /// <summary>
    /// What of <see cref="UsedBytes"/> goes, at most, when the fork children of the node end: processes up to an hour old
    /// that run the program of their parent and are its only such child, as of a database that saves (CommitCharge).
    /// Absent without any, and where one process alone was looked at.
    /// </summary>
    public long? ForkChildBytes { get; init; }

    public long? LimitBytes { get; init; }

    /// <summary>100 * used / limit, rounded down.</summary>
    public int Percent { get; init; }

    public long? GrowthBytesPerMinute { get; init; }

    /// <summary>
    /// Seconds until the limit is reached at the present growth, without what fork children hold; absent when it does not
    /// grow.
    /// </summary>
    public long? SecondsToLimit { get; init; }

    /// <summary>The largest accountable mapping.</summary>
    public MappingReport? Mapping { get; init; }
}

/// <summary>A container by name and id.</summary>
public sealed record ContainerReference
{
    public string? Name { get; init; }
    public string? Id { get; init; }
}

/// <summary>A mapping: addresses in hexadecimal as in /proc/PID/maps, and its name there.</summary>
public sealed record MappingReport
{
    public required string Start { get; init; }
    public required string End { get; init; }
    public string? Name { get; init; }
}
