namespace ForkGuard.Kernel.KernelLog;

/// <summary>Origin of a refusal in the kernel's log.</summary>
public enum KernelRefusalKind
{
    /// <summary>Memory accounting refused a fork or a mapping (mm/util.c, __vm_enough_memory). The log does not say which.</summary>
    Memory,

    /// <summary>Memory refusals that the kernel did not log one by one (lib/ratelimit.c): only their number is known.</summary>
    SuppressedMemory,

    /// <summary>The pids controller refused a fork (kernel/cgroup/pids.c). The kernel logs only the first of each cgroup.</summary>
    Pids,
}

/// <summary>One line of the kernel's log about a refused fork or mapping.</summary>
/// <param name="Kind">Origin.</param>
/// <param name="Time">Time since boot; zero where the log has no times (printk.time=0).</param>
public readonly record struct KernelRefusal(KernelRefusalKind Kind, TimeSpan Time)
{
    /// <summary>The thread that was refused, in the initial pid namespace; 0 unless <see cref="KernelRefusalKind.Memory"/>.</summary>
    public int Pid { get; init; }

    /// <summary>Its name, decoded as UTF-8; it may hold any character. Empty unless <see cref="KernelRefusalKind.Memory"/>.</summary>
    public string Command
    {
        get => field ?? "";
        init;
    }

    /// <summary>Size of the refused mapping; 0 on kernels that do not log it (6.1) and for other kinds.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Path of the cgroup; empty unless <see cref="KernelRefusalKind.Pids"/>.</summary>
    public string Cgroup
    {
        get => field ?? "";
        init;
    }

    /// <summary>Number of refusals; more than 1 only for <see cref="KernelRefusalKind.SuppressedMemory"/>.</summary>
    public int Count { get; init; } = 1;
}
