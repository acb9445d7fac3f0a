namespace ForkGuard.Policy.Restarts;

/// <summary>Restarts in progress at once, over all watches.</summary>
/// <param name="MaxPerNode">On one node.</param>
/// <param name="MaxPerZone">In one zone.</param>
/// <param name="MaxInCluster">In the cluster; one namespace has at most half of it, and at least one.</param>
public sealed record RestartBudget(int MaxPerNode, int MaxPerZone, int MaxInCluster)
{
    public static readonly RestartBudget Default = new(MaxPerNode: 1, MaxPerZone: 3, MaxInCluster: 5);

    public int MaxPerNamespace => Math.Max(1, MaxInCluster / 2);
}
