namespace ForkGuard.Kernel.Procfs;

/// <summary>Time since boot, and with it the age of processes.</summary>
public readonly record struct Uptime(TimeSpan? SinceBoot)
{
    // USER_HZ, in which the kernel shows ticks whatever its own are (proc_pid_stat(5)); 100 but on alpha and ia64.
    private const long TicksPerSecond = 100;

    /// <summary>
    /// Reads /proc/uptime (proc_uptime(5)), to the second. The time is null where it cannot be read, and where lxcfs shows the
    /// time since the start of a container: processes start by the kernel's.
    /// </summary>
    public static Uptime Read(ProcRoot proc)
    {
        ArgumentNullException.ThrowIfNull(proc);
        Span<byte> buffer = stackalloc byte[64];
        return
            proc.TryReadTrusted("uptime"u8, buffer, out var text, out _) == ReadStatus.Ok
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
