using ForkGuard.Api;

namespace ForkGuard.Controller.Status;

/// <summary>Conditions as Kubernetes keeps them: the time of transition moves with the status only.</summary>
internal static class Conditions
{
    internal const string True = "True";
    internal const string False = "False";
    internal const string Unknown = "Unknown";

    internal static Condition Of(string type, string status, string reason, string message, long? generation = null) =>
        new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
        };

    /// <summary>The conditions with this one in place of that of its type.</summary>
    internal static IReadOnlyList<Condition> With(
        IReadOnlyList<Condition>? conditions,
        Condition condition,
        DateTimeOffset now
    )
    {
        var before = conditions?.FirstOrDefault(other => IsSameType(other, condition));
        var time = string.Equals(before?.Status, condition.Status, StringComparison.Ordinal)
            ? before?.LastTransitionTime
            : null;
        var timed = condition with { LastTransitionTime = time ?? WholeSeconds(now) };
        return before is null
            ? [.. conditions ?? [], timed]
            : [.. conditions!.Select(other => IsSameType(other, condition) ? timed : other)];
    }

    // As metav1.Time has it.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static bool IsSameType(Condition a, Condition b) => string.Equals(a.Type, b.Type, StringComparison.Ordinal);
}
