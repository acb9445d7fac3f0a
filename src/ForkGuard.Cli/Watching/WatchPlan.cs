using ForkGuard.Manifests;

namespace ForkGuard.Cli.Watching;

/// <summary>The watches that one machine can evaluate, and those that need a cluster.</summary>
/// <param name="Watches">Evaluated here.</param>
/// <param name="NeedCluster">One line each: a watch over pods, or the part of one, is never silently skipped.</param>
internal sealed record WatchPlan(IReadOnlyList<HostWatch> Watches, IReadOnlyList<string> NeedCluster)
{
    internal static WatchPlan From(ManifestSet manifests)
    {
        var watches = new List<HostWatch>();
        var needCluster = new List<string>();
        foreach (var manifest in manifests.Watches)
        {
            var (kind, space, name) = manifest.Identity;
            var fullName = space.Length == 0 ? $"{kind}/{name}" : $"{kind}/{name} in {space}";
            if (HostWatch.From(manifest) is { } watch)
            {
                watches.Add(watch);
                if (manifest.ClusterForkWatch?.Spec?.Selector is not null)
                {
                    needCluster.Add($"{fullName} ({manifest.File}): its selector; the host processes are evaluated here");
                }
            }
            else
            {
                needCluster.Add($"{fullName} ({manifest.File})");
            }
        }

        return new WatchPlan(watches, needCluster);
    }
}
