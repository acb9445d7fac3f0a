namespace ForkGuard.Api.Constraints;

/// <summary>Properties of a type of constraint, the same for each of its readings. A new type is one line of the table.</summary>
public readonly record struct ConstraintTraits
{
    /// <summary>vm.overcommit_memory in which the kernel applies the constraint; null if it applies in every mode.</summary>
    public int? OvercommitMode { get; private init; }

    /// <summary>Usage is the same number for all processes that share the limit.</summary>
    public bool IsSharedUsage { get; private init; }

    /// <summary>The limit is that of a cgroup, which the processes of a pod or unit share.</summary>
    public bool IsOfCgroup { get; private init; }

    /// <summary>A report has the constraint once for each pod or unit, in its worst entry.</summary>
    public bool IsListedOnce { get; private init; }

    /// <summary>The limit is that of a cgroup, and each process has usage of its own: the cost of its fork or its save.</summary>
    public bool IsCostInCgroup => IsOfCgroup && !IsSharedUsage;

    /// <summary>The limit is one of tasks or pids, which refuses posix_spawn and vfork as well.</summary>
    public bool LimitsTasks { get; private init; }

    /// <summary>The kernel grants usage that equals the limit, and refuses only usage above it.</summary>
    public bool GrantsLimit { get; private init; }

    /// <summary>Real usage may be above the measured one by the uncertainty, and never below it.</summary>
    public bool IsLeastUsage { get; private init; }

    /// <summary>The constraint has a state instead of usage and a limit.</summary>
    public bool IsState { get; private init; }

    /// <summary>The constraint may lead to a restart of the process.</summary>
    public bool MayCauseRestart { get; private init; }

    /// <summary>Returns the properties of a type; none for a type of a later version.</summary>
    public static ConstraintTraits Of(ConstraintType? type) =>
        type switch
        {
            ConstraintType.LargestMapping => new()
            {
                OvercommitMode = 0,
                GrantsLimit = true,
                MayCauseRestart = true,
            },
            ConstraintType.CommitCharge => new() { OvercommitMode = 2, MayCauseRestart = true },
            ConstraintType.Pids => new()
            {
                IsSharedUsage = true,
                IsOfCgroup = true,
                IsListedOnce = true,
                LimitsTasks = true,
                MayCauseRestart = true,
            },
            ConstraintType.Threads or ConstraintType.PidSpace => new() { IsSharedUsage = true, LimitsTasks = true },
            ConstraintType.UserProcesses => new() { LimitsTasks = true, IsLeastUsage = true },
            ConstraintType.PidNamespace => new() { IsState = true, MayCauseRestart = true },
            ConstraintType.ContainerMemory => new()
            {
                IsOfCgroup = true,
                IsListedOnce = true,
                GrantsLimit = true,
            },
            ConstraintType.CopyOnWrite => new() { IsOfCgroup = true, GrantsLimit = true },
            _ => default,
        };
}
