using ForkGuard.Api;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>The remedy for the memory limit that leaves the least room.</summary>
internal static class MemoryLimit
{
    /// <summary>A clause such as <c>raise MemoryMax= of redis.service</c>.</summary>
    internal static string Remedy(AdviceCase advised) =>
        LimitOwners.Of(advised) switch
        {
            LimitOwner.Node => Node(advised),
            LimitOwner.Pod =>
                "raise the memory limit of the pod (resources.limits.memory of the pod or its containers)",
            LimitOwner.PodContainer => "raise the memory limit of the container (resources.limits.memory)",
            LimitOwner.EngineContainer => "raise the memory limit of the container (--memory)",
            LimitOwner.AllPods =>
                "move other pods away or lower kubeReserved and systemReserved of the kubelet, which limit "
                    + $"{ConstraintText.Scope(advised.Constraint)}",
            LimitOwner.AbovePod =>
                $"move other pods away or raise the memory limit of {ConstraintText.Scope(advised.Constraint)}, which they share",
            LimitOwner.Unit => $"raise MemoryMax= of {PrintableText.Escape(LimitOwners.Unit(advised)!)}",
            _ => $"raise the memory limit of {ConstraintText.Scope(advised.Constraint)}",
        };

    private static string Node(AdviceCase advised)
    {
        var memory = advised.CanHaveSwap ? "memory or swap" : "memory";
        return advised.IsPod || advised.Place.Node is not null
            ? $"move pods to another node or add {memory} to this one"
            : $"free memory of other programs or add {memory} to the machine";
    }
}
