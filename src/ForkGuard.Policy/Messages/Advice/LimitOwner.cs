using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Object whose setting is the limit of a cgroup.</summary>
internal enum LimitOwner
{
    /// <summary>A cgroup of which nothing but the path is known.</summary>
    Cgroup,

    /// <summary>The machine.</summary>
    Node,

    Pod,

    /// <summary>A container of a pod.</summary>
    PodContainer,

    /// <summary>A container of an engine such as Docker.</summary>
    EngineContainer,

    /// <summary>The cgroup of all pods, which the kubelet limits to the allocatable resources of the node.</summary>
    AllPods,

    /// <summary>Another cgroup above the pod.</summary>
    AbovePod,

    /// <summary>A unit of the system manager: a service, a scope or a slice.</summary>
    Unit,
}

/// <summary>Finds the owner of the limit by the cgroup that the constraint names, which need not be that of the process.</summary>
internal static class LimitOwners
{
    internal static LimitOwner Of(AdviceCase advised) =>
        advised.Constraint switch
        {
            { Scope.Known: ConstraintScope.Node } => LimitOwner.Node,
            { Scope.Known: ConstraintScope.Pod } => LimitOwner.Pod,
            { Scope.Known: ConstraintScope.Container } => LimitOwner.PodContainer,
            { Scope.Known: ConstraintScope.Cgroup, ScopeName: { } path } when !BoundedPath.IsCut(path) => OfPath(
                advised,
                path.Split('/', StringSplitOptions.RemoveEmptyEntries)
            ),
            _ => LimitOwner.Cgroup,
        };

    /// <summary>
    /// The unit of the system manager whose cgroup this is; null for every other cgroup. Below anything but slices is a unit of a user's
    /// manager or of a container, or a cgroup that the unit made itself.
    /// </summary>
    internal static string? Unit(AdviceCase advised)
    {
        if (advised.Constraint.ScopeName is not { } path || BoundedPath.IsCut(path))
        {
            return null;
        }

        var folders = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return folders.Length > 0 && folders[..^1].All(IsSlice) && IsUnit(folders[^1]) ? folders[^1] : null;
    }

    private static LimitOwner OfPath(AdviceCase advised, string[] folders) =>
        folders is [.., var last] && IsOfAllPods(last) ? LimitOwner.AllPods
        : folders is [.., var above, _] && IsOfAllPods(above) ? LimitOwner.AbovePod
        : advised.IsPod && !folders.Any(IsOfAllPods) ? LimitOwner.AbovePod
        : IsEngineContainer(folders) ? LimitOwner.EngineContainer
        : Unit(advised) is not null ? LimitOwner.Unit
        : LimitOwner.Cgroup;

    private static bool IsOfAllPods(string folder) =>
        folder is "kubepods" or "kubepods.slice" || folder.EndsWith("-kubepods.slice", StringComparison.Ordinal);

    /// <summary>As Docker and Podman name cgroups under systemd and without it.</summary>
    private static bool IsEngineContainer(string[] folders) =>
        folders is [.., "docker", _]
        || (
            folders is [.., var last]
            && last.EndsWith(".scope", StringComparison.Ordinal)
            && (
                last.StartsWith("docker-", StringComparison.Ordinal)
                || last.StartsWith("libpod-", StringComparison.Ordinal)
            )
        );

    private static bool IsUnit(string folder) =>
        IsSlice(folder)
        || folder.EndsWith(".service", StringComparison.Ordinal)
        || folder.EndsWith(".scope", StringComparison.Ordinal);

    private static bool IsSlice(string folder) => folder.EndsWith(".slice", StringComparison.Ordinal);
}
