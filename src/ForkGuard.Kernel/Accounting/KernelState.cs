namespace ForkGuard.Kernel.Accounting;

/// <summary>Memory of the kernel, and the settings that limit it, at one moment. All sizes in bytes.</summary>
public readonly record struct KernelState
{
    /// <summary>The running kernel, such as 6.12.1.</summary>
    public KernelRelease Release { get; init; }

    public OvercommitMode Mode { get; init; }
    public ulong PageSize { get; init; }
    public ulong MemTotal { get; init; }

    /// <summary>SwapTotal of /proc/meminfo; more than <see cref="SwapInForce"/> while a swapoff runs.</summary>
    public ulong SwapTotal { get; init; }

    /// <summary>The swap that the kernel counts in its limits, total_swap_pages.</summary>
    public ulong SwapInForce { get; init; }

    /// <summary>The swap in force could not be computed and is SwapTotal: the limit is an upper bound.</summary>
    public bool IsSwapEstimated { get; init; }

    /// <summary>CommitLimit of /proc/meminfo, which the kernel computes in every mode.</summary>
    public ulong CommitLimit { get; init; }

    /// <summary>Committed_AS of /proc/meminfo.</summary>
    public ulong Committed { get; init; }

    /// <summary>vm.admin_reserve_kbytes.</summary>
    public ulong AdminReserve { get; init; }

    /// <summary>vm.user_reserve_kbytes.</summary>
    public ulong UserReserve { get; init; }

    /// <summary>CPUs that the kernel knows: its counter of commitments is spread over them.</summary>
    public int Cpus { get; init; }

    /// <summary>
    /// The amount that the heuristic of kernels before 5.2 would have granted a process without CAP_SYS_ADMIN; 0 on newer ones.
    /// </summary>
    public ulong FreeEstimate { get; init; }

    /// <summary>
    /// The most memory that the machine is known to have had. The kernel computes the batch of its counter at boot and when
    /// memory comes or goes, but not when a balloon takes it away, so that MemTotal alone would understate the error.
    /// </summary>
    public ulong MaxMemory { get; init; }

    /// <summary>
    /// Reason for which the numbers may not be the kernel's own, such as a file that lxcfs put over /proc/meminfo; null if
    /// they are. Then no verdict rests on them.
    /// </summary>
    public string? Distrust { get; init; }

    /// <summary>
    /// /proc does not show the processes of other users (hidepid=invisible or ptraceable, proc(5)), so that nothing is known
    /// of them.
    /// </summary>
    public bool HidesProcesses { get; init; }

    /// <summary>
    /// SELinux is on, which may deny the share of the reserve that CAP_SYS_ADMIN gives (security_vm_enough_memory_mm).
    /// </summary>
    public bool HasSelinux { get; init; }

    /// <summary>RAM plus swap in force: the most one mapping may have in mode 0 since 5.2.</summary>
    public ulong TotalMemory => MemTotal + SwapInForce;

    /// <summary>
    /// How far the counter that the kernel compares in mode 2 can be from Committed_AS: each CPU keeps back up to
    /// RAM / CPUs / 256 (mm/mm_init.c, mm_compute_batch), and never less than max(32, 2 * CPUs) pages.
    /// </summary>
    public ulong CommitError
    {
        get
        {
            var cpus = (ulong)Math.Max(Cpus, 1);
            return Math.Max(Math.Max(MemTotal, MaxMemory) / 256, cpus * Math.Max(32, 2 * cpus) * PageSize);
        }
    }
}
