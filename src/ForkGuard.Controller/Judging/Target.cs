using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Controller.Judging;

/// <summary>
/// Owner of a hold: one constraint of a container of a pod by uid, of a whole pod, of a command of a unit on a node, or of a
/// node. The members that do not apply are empty; the type of the constraint may be one of a later version.
/// </summary>
internal readonly record struct Target(
    string PodUid,
    string Container,
    string Node,
    string Unit,
    string Command,
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
    /// depend on the entry.
    /// </remarks>
    internal static Target Of(string? podUid, string node, ProcessReport? process, ConstraintReport constraint)
    {
        var type = constraint.Type.Text;
        if (podUid is not null)
        {
            var container = constraint.Scope == ConstraintScope.Pod ? "" : process?.Container?.Name ?? "";
            return new Target(podUid, container, "", "", "", type);
        }

        var unit = process?.SystemdUnit ?? "";
        var command = constraint.Scope == ConstraintScope.Cgroup && unit.Length > 0 ? "" : process?.Command ?? "";
        return new Target("", "", node, unit, command, type);
    }

    internal static Target Of(WatchTarget target) =>
        target.Pod is { Uid: { } uid }
            ? new Target(uid, target.Container ?? "", "", "", "", target.Constraint.Text)
            : new Target(
                "",
                "",
                target.Node ?? "",
                target.SystemdUnit ?? "",
                target.Command ?? "",
                target.Constraint.Text
            );
}
