using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Key of one entry of a report: a container and command, or a unit of the host and command. Where cgroups of the host have no
/// unit of their own, their limits are part of the key.
/// </summary>
/// <param name="PodUid">Empty for a pod whose uid is not known; null for a host process.</param>
/// <param name="ContainerId">Null outside of containers.</param>
/// <param name="Unit">The systemd unit of a host process; null without one.</param>
/// <param name="Command">The kernel's name of the process.</param>
/// <param name="Limits">
/// Cgroups and uids that share a limit of a host process, one a line; null for those that the unit implies.
/// </param>
internal readonly record struct ProcessGroup(
    string? PodUid,
    string? ContainerId,
    string? Unit,
    string Command,
    string? Limits
)
{
    internal static ProcessGroup Of(
        in CgroupMembership membership,
        string command,
        IEnumerable<ConstraintReport> constraints
    ) =>
        membership.IsInPod
            ? new(membership.Pod?.Uid ?? "", membership.Pod?.ContainerId, membership.Unit, command, null)
            : new(null, null, membership.Unit, command, LimitsOf(membership.Unit, constraints));

    internal bool IsInPod => PodUid is not null;

    /// <summary>The pod or unit; a host process without a unit stands for itself.</summary>
    internal ProcessGroup Owner =>
        IsInPod ? new ProcessGroup(PodUid, null, null, "", null)
        : Unit is not null ? new ProcessGroup(null, null, Unit, "", null)
        : this;

    // A cgroup below that of the unit is one of several. The unit's own and those above are the same for all of the unit.
    private static string? LimitsOf(string? unit, IEnumerable<ConstraintReport> constraints)
    {
        List<string> names =
        [
            .. constraints
                .Select(constraint => constraint.ScopeName)
                .OfType<string>()
                .Where(name => unit is null || name.Contains($"/{unit}/", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        return names.Count == 0 ? null : string.Join('\n', names);
    }
}
