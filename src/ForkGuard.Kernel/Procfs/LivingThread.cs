using System.Globalization;

namespace ForkGuard.Kernel.Procfs;

/// <summary>
/// Finds a thread of a process whose main thread has exited: it is in state Z, its statm is 0, and its other threads can
/// still fork.
/// </summary>
internal static class LivingThread
{
    /// <summary>
    /// A thread whose statm is not 0, with that size. 0 for a kernel thread, a zombie without further threads, and a process
    /// that has ended.
    /// </summary>
    internal static int Find(ProcRoot proc, int pid, out ProcessSize size)
    {
        size = default;
        Span<byte> buffer = stackalloc byte[1024];
        if (
            proc.TryRead(pid, "stat"u8, buffer, out var text) != ReadStatus.Ok
            || !ProcessStat.TryParse(text, out var stat)
            || stat.IsKernelThread
            || !stat.IsZombie
            || stat.Threads <= 1
        )
        {
            return 0;
        }

        try
        {
            using var threads = PidList.OfThreads(proc, pid);
            foreach (var thread in threads.Read())
            {
                if (thread != pid && TryReadSize(proc, pid, thread, out size) && size.Total > 0)
                {
                    return thread;
                }
            }
        }
        catch (IOException)
        {
            // It has ended.
        }

        return 0;
    }

    /// <summary>
    /// Where the files of the process are that its main thread does not have any more: those of a thread that lives, or of the
    /// process itself if none does.
    /// </summary>
    internal static (ProcRoot Root, int Id) FilesOf(ProcRoot proc, int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            var root = new ProcRoot(string.Create(CultureInfo.InvariantCulture, $"{proc.Path}/{pid}/task"));
            using var threads = new PidList(root);
            foreach (var thread in threads.Read())
            {
                if (
                    root.TryRead(thread, "stat"u8, buffer, out var text) == ReadStatus.Ok
                    && ProcessStat.TryParse(text, out var stat)
                    && !stat.IsZombie
                )
                {
                    return (root, thread);
                }
            }
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            // It has ended meanwhile, or the path of /proc is nearly as long as it may be.
        }

        return (proc, pid);
    }

    internal static bool TryReadSize(ProcRoot proc, int pid, int thread, out ProcessSize size)
    {
        Span<byte> buffer = stackalloc byte[256];
        size = default;
        return proc.TryRead(pid, "statm"u8, buffer, out var text, thread) == ReadStatus.Ok
            && Statm.TryParse(text, out size);
    }
}
