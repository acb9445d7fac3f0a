using System.Text.Json.Serialization;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>The worst process of a pod or systemd unit, container and command, measured once.</summary>
public sealed record ProcessReport
{
    /// <summary>An entry lists its binding constraint, and every other from this percentage on.</summary>
    public const int ListedFromPercent = 50;

    /// <summary>Time of the measurement of the binding constraint, which may be before the scan that carries it.</summary>
    public DateTimeOffset MeasuredTime { get; init; }

    /// <summary>The process id in the pid namespace of the host.</summary>
    public int Pid { get; init; }

    /// <summary>Clock ticks since boot, proc_pid_stat(5) field 22: with the pid, the identity of a process.</summary>
    public long StartTimeTicks { get; init; }

    /// <summary>The kernel's name of the process, at most 15 bytes.</summary>
    public string Command
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>
    /// The pod of the process; null for a host process. Of a static pod the uid is the hash of its manifest. Namespace and
    /// name are empty, and absent in JSON, where the node has no log folder of the pod.
    /// </summary>
    [JsonConverter(typeof(PodOfProcessConverter))]
    public PodReference? Pod { get; init; }

    public ContainerReference? Container { get; init; }

    /// <summary>The systemd unit of a host process.</summary>
    public string? SystemdUnit { get; init; }

    /// <summary>Processes of the same pod or unit, container and command at or above the report level; absent for one.</summary>
    public int? ProcessCount { get; init; }

    public OpenEnum<Verdict> Verdict { get; init; }

    /// <summary>
    /// Type of the worst constraint that can refuse a fork: one that refuses, then one that grows at the warning level, then the
    /// highest percentage; absent if none applies.
    /// </summary>
    public OpenEnum<ConstraintType>? BindingConstraint { get; init; }

    /// <summary>
    /// The binding constraint first. Of all others those from 50 % on, those that reach their limit within the forecast, those that
    /// refuse, and those that were not read.
    /// </summary>
    public IReadOnlyList<ConstraintReport>? Constraints { get; init; }

    /// <summary>
    /// A constraint of these processes that no entry of their pod or unit shows is below this percentage; absent where only the
    /// 50 % of <see cref="Constraints"/> are known.
    /// </summary>
    public int? OmittedBelowPercent { get; init; }

    /// <summary>Names of what may refuse a fork and cannot be read, such as Seccomp.</summary>
    public IReadOnlyList<string>? NotChecked { get; init; }

    /// <summary>Only for a program that saves by forking.</summary>
    public SnapshotReport? Snapshot { get; init; }

    /// <summary>The constraint of a type; null if the process has none of it.</summary>
    public ConstraintReport? Constraint(ConstraintType type) =>
        Constraints?.FirstOrDefault(constraint => constraint.Type == type);

    /// <summary>The percentage that a constraint which the entry does not list is below.</summary>
    public int UnlistedBelow() => OmittedBelowPercent ?? ListedFromPercent;

    /// <summary>The binding constraint; null if none applies.</summary>
    public ConstraintReport? Binding() =>
        BindingConstraint is { } type ? Constraints?.FirstOrDefault(constraint => constraint.Type == type) : null;
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
    public OpenEnum<MappingKind> Kind { get; init; }
}
