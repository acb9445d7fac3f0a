namespace ForkGuard.Policy.Restarts;

/// <summary>The annotations by which a pod or its owner forbids a restart.</summary>
public static class OptOut
{
    public const string Annotation = "forkguard.io/restart";
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    private const string Pod = "Pod";

    /// <summary>The annotation that forbids it, and the command that removes it; null if none does.</summary>
    /// <param name="annotations">Of the object.</param>
    /// <param name="kind">Of the object.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public static string? In(IReadOnlyDictionary<string, string>? annotations, string kind, string ns, string name)
    {
        var isPod = string.Equals(kind, Pod, StringComparison.Ordinal);
        return new[] { Annotation, SafeToEvict }
            .Where(annotation => annotations?.GetValueOrDefault(annotation) is { } value && IsFalse(value))
            .Select(annotation =>
                $"annotation {annotation}=false on {(isPod ? "the pod" : $"{kind} {name}")}; to remove it: "
                + $"kubectl annotate {kind.ToLowerInvariant()} {name} --namespace {ns} {annotation}-"
                + (isPod ? ", and the same in the pod template for new pods" : "")
            )
            .FirstOrDefault();
    }

    private static bool IsFalse(string value) =>
        string.Equals(value.Trim(), "false", StringComparison.OrdinalIgnoreCase);
}
