using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Controller.Evaluation;

/// <summary>
/// Owner of a hold: one constraint of a container of a pod by uid, or of a whole pod. On a node it is that of a cgroup, of a
/// user, of a command of a unit, or of the node itself. The members that do not apply are empty; the type of the constraint may be one of a later
/// version.
/// </summary>
internal sealed record Target(
    string PodUid,
    string Container,
    string Node,
    string Unit,
    string Command,
    string Scope,
    string Constraint
)
{
    internal bool IsPod => PodUid.Length > 0;

    /// <summary>The target of a constraint of a reported process.</summary>
    /// <param name="podUid">The pod's uid in the API, which a static pod's report does not carry; null for a host process.</param>
    /// <param name="node">The node that reported it.</param>
    /// <param name="process">The process; null for a constraint that the whole node shares.</param>
    /// <param name="constraint">The constraint.</param>
    /// <remarks>
    /// A shared constraint is in the worst entry of its sharers, which may be another one at the next scan: its target does not
    /// depend on the entry. Memory has usage of each process, and one target for all commands: they share the room that runs out.
    /// </remarks>
    internal static Target Of(string? podUid, string node, ProcessReport? process, ConstraintReport constraint)
    {
        var type = constraint.Type.Text;
        if (podUid is not null)
        {
            var container = constraint.Scope == ConstraintScope.Pod ? "" : process?.Container?.Name ?? "";
            return new Target(podUid, container, "", "", "", "", type);
        }

        // A cgroup of the host is known by its path alone, which another cgroup of the same unit does not share.
        var isOfCgroup = constraint.Scope == ConstraintScope.Cgroup;
        var isOfUnit = process?.SystemdUnit is not null && ConstraintTraits.Of(constraint.Type.Known).IsCostInCgroup;
        var command = isOfCgroup || isOfUnit ? "" : process?.Command ?? "";
        return new Target("", "", node, process?.SystemdUnit ?? "", command, constraint.ScopeName ?? "", type);
    }

    /// <summary>The target that a watch's status names.</summary>
    internal static Target Of(WatchTarget target) =>
        Of(target.Pod?.Uid, target.Node ?? "", TargetMemory.ProcessOf(target), TargetMemory.ConstraintOf(target));
}
