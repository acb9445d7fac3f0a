using ForkGuard.Kernel.Cgroups;

namespace ForkGuard.Node.Scanning;

/// <summary>Key of one entry of a report: a container and command, or a unit of the host and command.</summary>
internal readonly record struct ProcessGroup(string? PodUid, string? ContainerId, string? Unit, string Command)
{
    internal static ProcessGroup Of(in CgroupMembership membership, string command) =>
        new(
            membership.IsInPod ? membership.Pod?.Uid ?? "" : null,
            membership.Pod?.ContainerId,
            membership.Unit,
            command
        );

    internal bool IsInPod => PodUid is not null;

    /// <summary>The pod or unit; a host process without a unit stands for itself.</summary>
    internal ProcessGroup Owner =>
        IsInPod ? new ProcessGroup(PodUid, null, null, "")
        : Unit is not null ? new ProcessGroup(null, null, Unit, "")
        : this;
}
