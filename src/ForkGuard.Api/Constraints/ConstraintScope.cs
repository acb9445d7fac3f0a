namespace ForkGuard.Api.Constraints;

/// <summary>Sharers of a constraint, from one process to the whole node.</summary>
public enum ConstraintScope
{
    Process,

    /// <summary>All processes of one container.</summary>
    Container,

    /// <summary>All containers of one pod.</summary>
    Pod,

    /// <summary>All processes of a cgroup that is neither a container's nor a pod's, such as a systemd unit or slice.</summary>
    Cgroup,

    /// <summary>All processes of one real uid in one user namespace.</summary>
    User,

    /// <summary>All processes of the node.</summary>
    Node,
}
