namespace ForkGuard.Kernel.Procfs;

/// <summary>/proc/PID/stat (proc_pid_stat(5)), as far as it is needed.</summary>
public readonly ref struct ProcessStat
{
    private const ulong PfExiting = 0x4;
    private const ulong PfKthread = 0x0020_0000;

    /// <summary>(2) comm: the bytes between the first ( and the last ), which may hold anything.</summary>
    public ReadOnlySpan<byte> Command { get; private init; }

    /// <summary>(3) state; Z and X have no address space.</summary>
    public byte State { get; private init; }

    /// <summary>(4) ppid; 0 without a parent.</summary>
    public int Parent { get; private init; }

    /// <summary>(9) flags has PF_KTHREAD (include/linux/sched.h).</summary>
    public bool IsKernelThread { get; private init; }

    /// <summary>(9) flags has PF_EXITING: it has begun to end.</summary>
    public bool IsExiting { get; private init; }

    /// <summary>(20) num_threads; more than one in a zombie whose other threads go on.</summary>
    public int Threads { get; private init; }

    /// <summary>(22) starttime in clock ticks since boot: with the pid, the identity of a process.</summary>
    public ulong StartTime { get; private init; }

    /// <summary>
    /// (28) startstack, the bottom of the stack: a fork inherits it, an exec chooses another. 0 without an address space,
    /// for a reader that may not trace the process, and in a file that ends before.
    /// </summary>
    public ulong StartStack { get; private init; }

    public bool IsZombie => State is (byte)'Z' or (byte)'X' or (byte)'x';

    /// <summary>False for bytes that are not a stat file as far as field 22.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessStat stat)
    {
        stat = default;
        var open = text.IndexOf((byte)'(');
        var close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open)
        {
            return false;
        }

        var rest = text[(close + 1)..];
        if (!Ascii.TryTake(ref rest, (byte)' ') || rest.IsEmpty)
        {
            return false;
        }

        var state = rest[0];
        rest = rest[1..];
        if (!TrySkipTo(ref rest, from: 3, to: 4) || !Ascii.TryTakeNumber(ref rest, out var parent))
        {
            return false;
        }

        if (!TrySkipTo(ref rest, from: 4, to: 9) || !Ascii.TryTakeNumber(ref rest, out var flags))
        {
            return false;
        }

        if (!TrySkipTo(ref rest, from: 9, to: 20) || !Ascii.TryTakeNumber(ref rest, out var threads))
        {
            return false;
        }

        if (!TrySkipTo(ref rest, from: 20, to: 22) || !Ascii.TryTakeNumber(ref rest, out var start))
        {
            return false;
        }

        // A number that the file ends in may have been cut short.
        if (rest.IsEmpty)
        {
            return false;
        }

        var hasStack = TrySkipTo(ref rest, from: 22, to: 28) & Ascii.TryTakeNumber(ref rest, out var stack);
        stat = new ProcessStat
        {
            Command = text[(open + 1)..close],
            State = state,
            Parent = (int)Math.Min(parent, int.MaxValue),
            IsKernelThread = (flags & PfKthread) != 0,
            IsExiting = (flags & PfExiting) != 0,
            Threads = (int)Math.Min(threads, int.MaxValue),
            StartTime = start,
            StartStack = hasStack && !rest.IsEmpty ? stack : 0,
        };
        return true;
    }

    private static bool TrySkipTo(ref ReadOnlySpan<byte> rest, int from, int to)
    {
        for (var field = from; field < to; field++)
        {
            var space = rest.IndexOf((byte)' ');
            if (space < 0)
            {
                return false;
            }

            rest = rest[(space + 1)..];
        }

        return true;
    }
}
