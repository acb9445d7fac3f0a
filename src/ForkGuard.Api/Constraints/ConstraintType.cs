namespace ForkGuard.Api.Constraints;

/// <summary>
/// Reasons for which the kernel refuses a fork, or kills what was forked. The names are the values of <c>type</c> in the
/// API, where a value of a later version is carried as text.
/// </summary>
public enum ConstraintType
{
    /// <summary>Overcommit mode 0: the largest accountable mapping against RAM plus swap in force (ENOMEM).</summary>
    LargestMapping,

    /// <summary>Overcommit mode 2: Committed_AS plus the charge of the fork against the commit limit less reserves (ENOMEM).</summary>
    CommitCharge,

    /// <summary>Tasks of an ancestor cgroup against its pids.max (EAGAIN).</summary>
    Pids,

    /// <summary>Threads of the node against kernel.threads-max (EAGAIN).</summary>
    Threads,

    /// <summary>Pids in use against kernel.pid_max (EAGAIN).</summary>
    PidSpace,

    /// <summary>Tasks of a real uid in its user namespace against RLIMIT_NPROC of the process (EAGAIN).</summary>
    UserProcesses,

    /// <summary>The pid namespace for children has lost its init (ENOMEM).</summary>
    PidNamespace,

    /// <summary>The cost of the fork itself against the room in an ancestor memory cgroup (ENOMEM or an OOM kill).</summary>
    ContainerMemory,

    /// <summary>Memory copied while a fork child saves against the room in an ancestor memory cgroup. A warning, never a verdict.</summary>
    CopyOnWrite,
}
