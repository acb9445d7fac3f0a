using ForkGuard.Api;

namespace ForkGuard.Controller.Watches;

/// <summary>A watch by kind and name; the namespace of a ClusterForkWatch is empty.</summary>
internal readonly record struct WatchIdentity(string Kind, string Namespace, string Name)
{
    internal static WatchIdentity Of(ForkWatch watch) =>
        new(ForkGuardApi.ForkWatchKind, watch.Metadata?.Namespace ?? "", watch.Metadata?.Name ?? "");

    internal static WatchIdentity Of(ClusterForkWatch watch) =>
        new(ForkGuardApi.ClusterForkWatchKind, "", watch.Metadata?.Name ?? "");

    /// <summary>As in <c>ForkWatch shop/redis</c>.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
