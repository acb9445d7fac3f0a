using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Cli.Watching;

/// <summary>
/// One constraint of a unit and command, which a watch evaluates on its own. The scope of a shared limit, a cgroup or
/// a user, is part of the key. The tasks of a cgroup have no command: the same numbers hold for all that run in it. Memory has no
/// command either: all commands share the room that runs out. Constraints of the machine have neither.
/// </summary>
internal readonly record struct TargetKey(string Type, string? Unit, string? Command, string? Scope)
{
    internal static TargetKey Of(ProcessReport? process, ConstraintReport constraint) =>
        process is null ? new TargetKey(constraint.Type.Text, null, null, null)
        : AreTasksOfCgroup(constraint) ? new TargetKey(constraint.Type.Text, null, null, constraint.ScopeName)
        : new TargetKey(
            constraint.Type.Text,
            process.SystemdUnit,
            IsRoomOfUnit(process, constraint) ? null : process.Command,
            constraint.ScopeName
        );

    private static bool IsRoomOfUnit(ProcessReport process, ConstraintReport constraint) =>
        (process.SystemdUnit is not null || constraint.ScopeName is not null)
        && ConstraintTraits.Of(constraint.Type.Known).IsCostInCgroup;

    private static bool AreTasksOfCgroup(ConstraintReport constraint) =>
        constraint.Type == ConstraintType.Pids && constraint.ScopeName is not null;
}

/// <summary>A constraint as one scan has it.</summary>
/// <param name="Process">The worst process of its key; null for a constraint of the machine.</param>
/// <param name="Constraint">Its numbers.</param>
internal sealed record WatchTarget(ProcessReport? Process, ConstraintReport Constraint)
{
    internal TargetKey Key => TargetKey.Of(Process, Constraint);
}
