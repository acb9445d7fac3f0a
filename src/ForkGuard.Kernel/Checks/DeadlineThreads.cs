namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Living threads of a process that have SCHED_DEADLINE without reset-on-fork (sched(7)). The kernel refuses each fork and each
/// new thread of such a thread with EAGAIN (kernel/sched/core.c <c>sched_fork</c>).
/// </summary>
public enum DeadlineThreads
{
    None,

    /// <summary>Some have it, or whether they reset on fork is unknown: the fork depends on the thread.</summary>
    Some,

    /// <summary>Every thread has it, so no fork of the process succeeds.</summary>
    All,
}
