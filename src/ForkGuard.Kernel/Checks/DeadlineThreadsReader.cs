using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>Reads the scheduling policy of the threads of a process.</summary>
internal static class DeadlineThreadsReader
{
    private const ulong SchedDeadline = 6;

    /// <summary>Reads the stat of every thread. None for a process that has ended.</summary>
    internal static DeadlineThreads Read(ProcRoot proc, int pid)
    {
        var hasOwnPids = proc.HasOwnPids;
        Span<byte> buffer = stackalloc byte[1024];
        var (living, refused, unknown) = (0, 0, 0);
        try
        {
            using var threads = PidList.OfThreads(proc, pid);
            foreach (var thread in threads.Read())
            {
                var status = proc.TryRead(pid, "stat"u8, buffer, out var text, thread);
                if (status == ReadStatus.Gone)
                {
                    continue;
                }

                // An unreadable thread may be one that can fork.
                var isRead = ProcessStat.TryParse(text, out var stat) && status == ReadStatus.Ok;
                if (isRead && stat.IsZombie)
                {
                    continue;
                }

                living++;
                if (isRead && IsDeadline(text))
                {
                    var resets = hasOwnPids ? Libc.ResetsOnFork(thread) : null;
                    refused += resets == false ? 1 : 0;
                    unknown += resets is null ? 1 : 0;
                }
            }
        }
        catch (IOException)
        {
            return DeadlineThreads.None;
        }

        return refused > 0 && refused == living ? DeadlineThreads.All
            : refused + unknown > 0 ? DeadlineThreads.Some
            : DeadlineThreads.None;
    }

    /// <summary>Field 41 of proc_pid_stat(5) is SCHED_DEADLINE; false in a file that ends before.</summary>
    internal static bool IsDeadline(ReadOnlySpan<byte> stat) => PolicyOf(stat) == SchedDeadline;

    internal static ulong PolicyOf(ReadOnlySpan<byte> stat)
    {
        stat = stat[(stat.LastIndexOf((byte)')') + 1)..];
        for (var field = 3; field <= 41; field++)
        {
            var space = stat.IndexOf((byte)' ');
            if (space < 0)
            {
                return 0;
            }

            stat = stat[(space + 1)..];
        }

        return Ascii.TryTakeNumber(ref stat, out var policy) ? policy : 0;
    }
}
