using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Snapshots;

/// <summary>Outcomes of comparing the address spaces of two processes.</summary>
internal enum AddressSpaceComparison
{
    Same,
    Different,

    /// <summary>
    /// One of them has ended, this process may not trace them (EPERM), or the kernel was built without kcmp (ENOSYS).
    /// </summary>
    Unknown,
}

/// <summary>Finds out whether a child copied the memory of its parent or runs in it, as after vfork(2).</summary>
internal static class AddressSpaces
{
    private const int KcmpVm = 1;

    /// <summary>kcmp(2) with KCMP_VM. Needs ptrace access to both (PTRACE_MODE_READ_REALCREDS).</summary>
    internal static AddressSpaceComparison Compare(int pid, int other) =>
        Libc.CompareResources(pid, other, KcmpVm) switch
        {
            0 => AddressSpaceComparison.Same,
            1 or 2 or 3 => AddressSpaceComparison.Different,
            _ => AddressSpaceComparison.Unknown,
        };
}
