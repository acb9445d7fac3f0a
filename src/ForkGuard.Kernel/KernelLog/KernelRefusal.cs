using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.KernelLog;

/// <summary>One line of the kernel's log about a refused fork or mapping.</summary>
/// <param name="Kind">Origin.</param>
/// <param name="Time">Time since boot; zero where the log has no times (printk.time=0).</param>
public readonly record struct KernelRefusal(RefusalKind Kind, TimeSpan Time)
{
    /// <summary>The thread that was refused, in the initial pid namespace; 0 unless <see cref="RefusalKind.Memory"/>.</summary>
    public int Pid { get; init; }

    /// <summary>Its name, decoded as UTF-8; it may hold any character. Empty unless <see cref="RefusalKind.Memory"/>.</summary>
    public string Command
    {
        get => field ?? "";
        init;
    }

    /// <summary>Size of the refused mapping; 0 on kernels that do not log it (6.1) and for other kinds.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Path of the cgroup; empty unless <see cref="RefusalKind.Pids"/>.</summary>
    public string Cgroup
    {
        get => field ?? "";
        init;
    }

    /// <summary>Number of refusals; more than 1 only for <see cref="RefusalKind.SuppressedMemory"/>.</summary>
    public int Count { get; init; } = 1;
}
