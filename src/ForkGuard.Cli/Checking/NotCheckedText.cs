using ForkGuard.Kernel.Checks;

namespace ForkGuard.Cli.Checking;

/// <summary>Sentences for what may refuse a fork and cannot be read.</summary>
internal static class NotCheckedText
{
    private static readonly Dictionary<string, string> Sentences = new(StringComparer.Ordinal)
    {
        [nameof(NotChecked.Seccomp)] = "a seccomp filter is active and may refuse a fork",
        [nameof(NotChecked.NestedPidMax)] =
            "its pid namespace may have a smaller pid_max, which only its members can read",
        [nameof(NotChecked.OuterPidMax)] = "the pid_max of pid namespaces outside of this container cannot be read",
        [nameof(NotChecked.CreatorLimit)] =
            "its user namespace counts against the RLIMIT_NPROC of its creator, which cannot be read",
        [nameof(NotChecked.OuterTasks)] =
            "tasks of its user that this /proc does not show count against its RLIMIT_NPROC (max user processes)",
        [nameof(NotChecked.OuterCgroups)] = "limits of cgroups outside of this container cannot be read",
        [nameof(NotChecked.SchedDeadline)] =
            "a thread has SCHED_DEADLINE without reset-on-fork: each of its forks and new threads fails with EAGAIN",
        [nameof(NotChecked.OtherThreads)] =
            "some threads have cgroups, a pid namespace, a user or a seccomp filter of their own: check one by its thread id",
        [nameof(NotChecked.SetuidExec)] =
            "a child that changes its uid may exceed RLIMIT_NPROC (max user processes): its exec then fails with EAGAIN",
    };

    /// <summary>The sentence of a name; the name for one without a sentence.</summary>
    internal static string Of(string name) => Sentences.GetValueOrDefault(name, name);
}
