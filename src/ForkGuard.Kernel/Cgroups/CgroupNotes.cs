namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Findings about a cgroup and all above it, kept with the cgroup so that the processes that share it cost one evaluation a scan.
/// </summary>
internal abstract class CgroupNotes
{
    /// <summary>Forgets what was kept: the cgroup may have another member, or be another one of the same path.</summary>
    internal abstract void Forget();
}
