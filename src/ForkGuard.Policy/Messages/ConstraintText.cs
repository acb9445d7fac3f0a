using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages;

/// <summary>Constraints and their numbers as people read them.</summary>
public static class ConstraintText
{
    /// <summary>Such as <c>largest mapping</c> or <c>pids limit of the pod</c>; the type as text for one of a later version.</summary>
    public static string Name(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Type.Known switch
        {
            ConstraintType.LargestMapping => "largest mapping",
            ConstraintType.CommitCharge => "commit charge of the node",
            ConstraintType.Pids => $"pids limit of {Scope(constraint)}",
            ConstraintType.Threads => "thread limit of the node",
            ConstraintType.PidSpace => "pid limit of the node",
            ConstraintType.UserProcesses => $"process limit of {Scope(constraint)}",
            ConstraintType.PidNamespace => "pid namespace",
            ConstraintType.ContainerMemory => $"memory for a fork in {Scope(constraint)}",
            ConstraintType.CopyOnWrite => $"memory for a save in {Scope(constraint)}",
            _ => PrintableText.Escape(constraint.Type.Text),
        };
    }

    /// <summary>An amount in the constraint's unit, such as <c>23.5 GiB</c> or <c>97 tasks</c>.</summary>
    public static string Amount(ConstraintReport constraint, long amount)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        return constraint.Unit.Known switch
        {
            ConstraintUnit.Bytes => SizeText.Bytes(amount),
            ConstraintUnit.Tasks => $"{amount} {(amount == 1 ? "task" : "tasks")}",
            ConstraintUnit.Pids => $"{amount} {(amount == 1 ? "pid" : "pids")}",
            _ => $"{amount} {PrintableText.Escape(constraint.Unit.Text)}".TrimEnd(),
        };
    }

    /// <summary>Usage and limit, such as <c>23.5 GiB of 22.3 GiB</c> or <c>97 of 100 tasks</c>; a bound as <c>at most</c>.</summary>
    public static string UsedOfLimit(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        if (constraint.Problem is { } problem)
        {
            return $"not known ({PrintableText.Escape(problem)})";
        }

        if (constraint.Type == ConstraintType.PidNamespace)
        {
            return constraint.Refuses == true ? "its init has ended" : "its init runs";
        }

        var bound = constraint.Confidence == Confidence.UpperBound ? "at most " : "";
        var used = constraint.Unit == ConstraintUnit.Bytes ? SizeText.Bytes(constraint.Used) : $"{constraint.Used}";
        return $"{bound}{used} of {Amount(constraint, constraint.Limit)}";
    }

    /// <summary>Sharers of the constraint, such as <c>the pod</c> or <c>uid 1000</c>.</summary>
    internal static string Scope(ConstraintReport constraint)
    {
        var name = PrintableText.Escape(constraint.ScopeName ?? "");
        return constraint.Scope.Known switch
        {
            ConstraintScope.Process => "the process",
            ConstraintScope.Container => "the container",
            ConstraintScope.Pod => "the pod",
            ConstraintScope.Cgroup => name.Length > 0 ? $"cgroup {name}" : "the cgroup",
            ConstraintScope.User => name.Length > 0 ? $"uid {name}" : "the user",
            ConstraintScope.Node => "the node",
            _ => name.Length > 0 ? name : PrintableText.Escape(constraint.Scope.Text),
        };
    }
}
