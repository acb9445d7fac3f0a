using ForkGuard.Api.Constraints;

namespace ForkGuard.Node.Readings;

/// <summary>Constraints whose usage is the same number for all processes that share the limit.</summary>
internal static class SharedUsage
{
    internal static bool IsShared(ConstraintType type) =>
        type is ConstraintType.Pids or ConstraintType.Threads or ConstraintType.PidSpace;

    /// <summary>A report has it once for each pod or unit: the limit is that of a cgroup.</summary>
    internal static bool IsOfCgroup(ConstraintType type) =>
        type is ConstraintType.Pids or ConstraintType.ContainerMemory or ConstraintType.CopyOnWrite;
}
