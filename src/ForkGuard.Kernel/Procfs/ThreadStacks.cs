using System.Buffers.Text;

namespace ForkGuard.Kernel.Procfs;

/// <summary>Recognises a mapping that consists of the stacks of threads.</summary>
/// <remarks>
/// From glibc 2.42 on Linux 6.13 the guard of a stack no longer splits the mapping, so that neighbouring stacks merge
/// (nptl/allocatestack.c, MADV_GUARD_INSTALL). Stack pointers stand in /proc/PID/task/TID/syscall (proc_pid_syscall(5)) of each thread
/// that does not run just now; kstkesp of stat is 0 while a thread lives.
/// </remarks>
public static class ThreadStacks
{
    private const int MaxThreads = 64;

    /// <summary>
    /// Returns whether threads other than the main one have their stacks all over the mapping: two or more, and no stretch of
    /// five eighths of it is without one. False too if the kernel shows no stack pointers, as without ptrace permission.
    /// Reads at most 64 threads.
    /// </summary>
    /// <param name="proc">Where /proc is.</param>
    /// <param name="pid">The process.</param>
    /// <param name="start">First address of the mapping.</param>
    /// <param name="end">Address after its last.</param>
    public static bool Fill(ProcRoot proc, int pid, ulong start, ulong end)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var pointers = new List<ulong>(MaxThreads);
        try
        {
            using var list = PidList.OfThreads(proc, pid);
            var threads = list.Read();
            var step = Math.Max(1, threads.Length / MaxThreads);
            for (var i = 0; i < threads.Length && pointers.Count < MaxThreads; i += step)
            {
                if (
                    threads[i] != pid
                    && TryReadPointer(proc, pid, threads[i], out var pointer)
                    && pointer >= start
                    && pointer < end
                )
                {
                    pointers.Add(pointer);
                }
            }
        }
        catch (IOException)
        {
            return false;
        }

        return pointers.Count > 1 && LargestGap(pointers, start, end) <= (end - start) / 8 * 5;
    }

    private static ulong LargestGap(List<ulong> pointers, ulong start, ulong end)
    {
        pointers.Sort();
        var largest = end - pointers[^1];
        foreach (var pointer in pointers)
        {
            largest = Math.Max(largest, pointer - start);
            start = pointer;
        }

        return largest;
    }

    // NUMBER ARGUMENTS... SP PC in a system call, -1 SP PC elsewhere, or "running".
    private static bool TryReadPointer(ProcRoot proc, int pid, int thread, out ulong pointer)
    {
        pointer = 0;
        Span<byte> buffer = stackalloc byte[256];
        if (proc.TryRead(pid, "syscall"u8, buffer, out var text, thread) != ReadStatus.Ok)
        {
            return false;
        }

        text = text.TrimEnd((byte)'\n');
        var last = text.LastIndexOf((byte)' ');
        text = last < 0 ? default : text[..last];
        text = text[(text.LastIndexOf((byte)' ') + 1)..];
        return text.StartsWith("0x"u8) && Utf8Parser.TryParse(text[2..], out pointer, out _, 'x');
    }
}
