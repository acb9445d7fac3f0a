namespace ForkGuard.Cli.Checking;

/// <summary>Sentences for a process whose scheduling policy refuses every fork.</summary>
internal static class DeadlineText
{
    internal const string Refusal =
        "every thread has SCHED_DEADLINE without reset-on-fork: each fork and new thread fails with EAGAIN";

    internal const string Advice =
        "Set reset-on-fork (chrt --reset-on-fork, or SCHED_FLAG_RESET_ON_FORK of sched_setattr(2)), or fork from a thread with "
        + "another policy.";
}
