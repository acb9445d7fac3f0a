using ForkGuard.Controller.Cluster;
using ForkGuard.ControllerRuntime;

namespace ForkGuard.Controller.Watches;

/// <summary>Finds what a watch selects, as far as the caches have it.</summary>
internal sealed class WatchSelection(Caches caches)
{
    /// <summary>Reports whether the watch selects the pod.</summary>
    internal bool Selects(Watch watch, Pod pod) =>
        watch.Matches(pod, caches.Namespaces.Get(new ResourceKey("", pod.Metadata?.Namespace ?? "")));

    /// <summary>Names of the Linux nodes that run selected pods, and of all of them for a watch of host processes.</summary>
    internal IEnumerable<string> NodesOf(Watch watch)
    {
        var ofPods = PodsOf(watch)
            .Where(pod => pod.Spec?.NodeName is not null && Selects(watch, pod))
            .Select(pod => pod.Spec!.NodeName!);
        var ofHosts = watch.Selector.WatchesHosts ? caches.Nodes.List().Select(node => node.Metadata?.Name ?? "") : [];
        return ofPods
            .Concat(ofHosts)
            .Distinct(StringComparer.Ordinal)
            .Where(node => caches.Nodes.Get(new ResourceKey("", node))?.IsLinux() != false);
    }

    private IReadOnlyCollection<Pod> PodsOf(Watch watch) =>
        !watch.Selector.WatchesPods ? []
        : watch.Identity.Namespace.Length > 0 ? caches.Pods.ByIndex(Caches.ByNamespace, watch.Identity.Namespace)
        : caches.Pods.List();
}
