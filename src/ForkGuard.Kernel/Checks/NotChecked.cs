namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Reasons for which a fork may fail that the kernel does not expose. The names are the values of <c>notChecked</c> in
/// the API.
/// </summary>
[Flags]
public enum NotChecked
{
    None = 0,

    /// <summary>A seccomp filter is active and may refuse (EPERM, EACCES, ENOSYS).</summary>
    Seccomp = 1,

    /// <summary>
    /// From Linux 6.14 a pid namespace has a pid_max of its own, which only its members read (EAGAIN).
    /// </summary>
    NestedPidMax = 2,

    /// <summary>
    /// The tasks of a user namespace also count against the RLIMIT_NPROC that its creator had (EAGAIN).
    /// </summary>
    CreatorLimit = 4,

    /// <summary>Limits of cgroups above the part of the hierarchy that this reader can read (EAGAIN, OOM kill).</summary>
    OuterCgroups = 8,

    /// <summary>
    /// A thread has SCHED_DEADLINE without reset-on-fork: each of its forks fails with EAGAIN, also of threads
    /// (kernel/sched/core.c <c>sched_fork</c>). A scan reads the policy of the main thread, <c>check</c> that of each.
    /// </summary>
    SchedDeadline = 16,

    /// <summary>
    /// The process is exempt from its RLIMIT_NPROC, and a child that changes its uid is not: its exec fails with EAGAIN
    /// once
    /// that user has more tasks than the limit (execve(2)).
    /// </summary>
    SetuidExec = 32,

    /// <summary>
    /// From Linux 6.14 a reader in a nested pid namespace reads the pid_max of that one, and none above it (EAGAIN).
    /// </summary>
    OuterPidMax = 64,

    /// <summary>
    /// A thread has cgroups, a pid namespace for its children, a user or seccomp filters of its own, which may refuse its forks.
    /// Only <c>check</c> reads those of each thread.
    /// </summary>
    OtherThreads = 128,

    /// <summary>
    /// RLIMIT_NPROC counts the tasks of the user in all pid namespaces, and this /proc does not show all of them (EAGAIN). Only where
    /// the limit is not above the number of all tasks of the node.
    /// </summary>
    OuterTasks = 256,
}
