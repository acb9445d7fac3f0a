namespace ForkGuard.Policy.Restarts;

/// <summary>The annotations by which a pod or its owner forbids a restart.</summary>
public static class OptOut
{
    public const string Annotation = "forkguard.io/restart";
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    /// <summary>What forbids it, as in <c>annotation forkguard.io/restart=false on the pod</c>; null if nothing does.</summary>
    public static string? In(IReadOnlyDictionary<string, string>? annotations, string of) =>
        new[] { Annotation, SafeToEvict }
            .Where(name => annotations?.GetValueOrDefault(name) is { } value && IsFalse(value))
            .Select(name => $"annotation {name}=false on {of}")
            .FirstOrDefault();

    private static bool IsFalse(string value) =>
        string.Equals(value.Trim(), "false", StringComparison.OrdinalIgnoreCase);
}
