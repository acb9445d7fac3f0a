using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>Finds threads that are in other cgroups than their process: tasks of cgroup v1, threaded cgroups of v2 (cgroups(7)).</summary>
internal static class ThreadCgroups
{
    /// <summary>
    /// True if a thread is under other limits of tasks or memory than <paramref name="facts"/>. False too for a process that has
    /// ended, and without the threads that cannot be read.
    /// </summary>
    internal static bool Differ(ScanContext context, ProcessFacts facts)
    {
        Span<byte> buffer = stackalloc byte[16 * 1024];
        try
        {
            using var threads = PidList.OfThreads(context.Proc, facts.Pid);
            foreach (var thread in threads.Read())
            {
                var status = context.Proc.TryReadAll(facts.Pid, "cgroup"u8, buffer, out var text, thread);
                if (
                    status == ReadStatus.Ok
                    && (
                        context.Cgroups.Locate(text, CgroupController.Pids) != facts.Pids
                        || context.Cgroups.Locate(text, CgroupController.Memory) != facts.Memory
                    )
                )
                {
                    return true;
                }
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }

        return false;
    }
}
