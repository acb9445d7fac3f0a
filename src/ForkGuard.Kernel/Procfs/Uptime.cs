namespace ForkGuard.Kernel.Procfs;

/// <summary>Time since boot, and with it the age of processes.</summary>
public readonly record struct Uptime(TimeSpan? SinceBoot)
{
    // USER_HZ, in which the kernel shows ticks whatever its own are (proc_pid_stat(5)); 100 but on alpha and ia64.
    private const long TicksPerSecond = 100;

    /// <summary>
    /// Reads CLOCK_BOOTTIME, in which the kernel also shows when processes started: both in the reader's time namespace (fs/proc/array.c
    /// <c>do_task_stat</c>, <c>timens_add_boottime_ns</c>). lxcfs may show the time since the start of a container as
    /// /proc/uptime. Of a captured /proc that file is read (proc_uptime(5)), to the second; null if it cannot be.
    /// </summary>
    public static Uptime Read(ProcRoot proc)
    {
        ArgumentNullException.ThrowIfNull(proc);
        if (proc.IsLive)
        {
            return new Uptime(Libc.TimeSinceBoot());
        }

        Span<byte> buffer = stackalloc byte[64];
        return
            proc.TryRead("uptime"u8, buffer, out var text) == ReadStatus.Ok
            && Ascii.TryTakeNumber(ref text, out var seconds)
            && seconds <= int.MaxValue
            ? new Uptime(TimeSpan.FromSeconds((long)seconds))
            : default;
    }

    /// <summary>Age of a process by its start in clock ticks since boot, at least 0; null without the time since boot.</summary>
    public TimeSpan? AgeOf(long startTime)
    {
        if (SinceBoot is not { } uptime)
        {
            return null;
        }

        var age = uptime - TimeSpan.FromSeconds(startTime / TicksPerSecond);
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }
}
