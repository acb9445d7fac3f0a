namespace ForkGuard.Api.Constraints;

/// <summary>Origin of a refusal in the kernel's log.</summary>
public enum RefusalKind
{
    /// <summary>Memory accounting refused a fork or a mapping (mm/util.c, __vm_enough_memory). The log does not have which of the two.</summary>
    Memory,

    /// <summary>Memory refusals that the kernel did not log one by one (lib/ratelimit.c): only their number is known.</summary>
    SuppressedMemory,

    /// <summary>The pids controller refused a fork (kernel/cgroup/pids.c). The kernel logs only the first of each cgroup.</summary>
    Pids,
}
