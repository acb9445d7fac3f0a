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
        advised.Constraint.Scope.Known switch
        {
            ConstraintScope.Node => LimitOwner.Node,
            ConstraintScope.Pod => LimitOwner.Pod,
            ConstraintScope.Container => advised.IsPod ? LimitOwner.PodContainer : LimitOwner.EngineContainer,
            ConstraintScope.Cgroup when advised.IsPod => OfPod(advised),
            ConstraintScope.Cgroup when Unit(advised) is not null => LimitOwner.Unit,
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

    private static LimitOwner OfPod(AdviceCase advised)
    {
        if (
            advised is not { Process.Pod.Uid: { Length: > 0 } uid, Constraint.ScopeName: { Length: > 0 } path }
            || BoundedPath.IsCut(path)
            || path.Contains(uid, StringComparison.Ordinal)
            || path.Contains(uid.Replace('-', '_'), StringComparison.Ordinal)
        )
        {
            return LimitOwner.Cgroup;
        }

        var name = path[(path.LastIndexOf('/') + 1)..];
        return
            name == "kubepods" || name == "kubepods.slice" || name.EndsWith("-kubepods.slice", StringComparison.Ordinal)
            ? LimitOwner.AllPods
            : LimitOwner.AbovePod;
    }

    private static bool IsUnit(string folder) =>
        IsSlice(folder)
        || folder.EndsWith(".service", StringComparison.Ordinal)
        || folder.EndsWith(".scope", StringComparison.Ordinal);

    private static bool IsSlice(string folder) => folder.EndsWith(".slice", StringComparison.Ordinal);
}
