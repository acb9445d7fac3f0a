namespace ForkGuard.Kernel.Cgroups;

/// <summary>Controllers whose limits can refuse a fork, or kill one.</summary>
public enum CgroupController
{
    Pids,
    Memory,
}
