namespace ForkGuard.Kernel.Cgroups;

/// <summary>A pod of Kubernetes and a container of it, as the path of a cgroup names them.</summary>
/// <param name="Uid">
/// The pod's uid with <c>-</c>, or, of a static pod, the hash of its manifest; 1 to 64 of <c>0-9 A-Z a-z -</c>.
/// </param>
/// <param name="ContainerId">
/// The container runtime's id; null for a process of the pod that is in none of its containers, such as CRI-O's conmon.
/// </param>
public sealed record PodCgroup(string Uid, string? ContainerId);
