using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Facts that each thread has for itself: its cgroups (tasks of cgroup v1, threaded cgroups of v2), the pid namespace of its children,
/// its user, and its seccomp filters.
/// </summary>
internal static class ThreadFacts
{
    /// <summary>
    /// True if other limits hold for a thread than for <paramref name="facts"/>. False too for a process that has ended, and
    /// without the threads that cannot be read.
    /// </summary>
    internal static bool Differ(ScanContext context, ProcessFacts facts)
    {
        var buffer = new byte[4096];
        try
        {
            var root = new ProcRoot(
                string.Create(CultureInfo.InvariantCulture, $"{context.Proc.Path}/{facts.Pid}/task")
            );
            using var list = new PidList(root);
            foreach (var thread in list.Read())
            {
                // A thread that has ended shows other cgroups than those that it had.
                if (
                    StatusFile.Read(root, thread, ref buffer, out var status) == ReadStatus.Ok
                    && status.State is not ((byte)'Z' or (byte)'X')
                    && (
                        IsUserOther(facts, status)
                        || AreCgroupsOther(context, facts, root, thread, buffer)
                        || AreChildrenElsewhere(facts, root, thread)
                    )
                )
                {
                    return true;
                }
            }
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            // It has ended meanwhile, or the path of /proc is nearly as long as it may be.
        }

        return false;
    }

    private static bool AreCgroupsOther(
        ScanContext context,
        ProcessFacts facts,
        ProcRoot root,
        int thread,
        Span<byte> buffer
    ) =>
        root.TryReadAll(thread, "cgroup"u8, buffer, out var text) == ReadStatus.Ok
        && (
            context.Cgroups.Locate(text, CgroupController.Pids) != facts.Pids
            || context.Cgroups.Locate(text, CgroupController.Memory) != facts.Memory
        );

    private static bool IsUserOther(ProcessFacts facts, in StatusFile status) =>
        status.RealUid != facts.RealUid || status.Seccomp == 2 != facts.HasSeccompFilter;

    private static bool AreChildrenElsewhere(ProcessFacts facts, ProcRoot root, int thread) =>
        ProcessLinks.ReadNamespace(root, thread, "ns/pid_for_children"u8, out var children) == ReadStatus.Ok
        && children != facts.PidNamespaceForChildren;
}
