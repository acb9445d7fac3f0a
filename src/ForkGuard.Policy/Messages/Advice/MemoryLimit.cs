using ForkGuard.Api;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>The setting that limits the memory of a process.</summary>
internal static class MemoryLimit
{
    public static string Name(AdviceCase advised) =>
        advised switch
        {
            { IsPod: true } => "the memory limit of the container (resources.limits.memory)",
            { Process.Container: not null } => "the memory limit of the container (--memory)",
            { Process.SystemdUnit: { } unit } => $"MemoryMax= of {PrintableText.Escape(unit)}",
            _ => $"the memory limit of {ConstraintText.Scope(advised.Constraint)}",
        };
}
