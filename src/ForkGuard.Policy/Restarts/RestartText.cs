using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Words that differ between a pod of a cluster and a systemd unit of a host.</summary>
public static class RestartText
{
    /// <summary>The object is a systemd unit: it has no namespace.</summary>
    public static bool IsUnit(PodReference pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Namespace.Length == 0;
    }

    /// <summary>As in <c>pod redis-0</c> or <c>unit redis.service</c>.</summary>
    public static string Of(PodReference pod) => IsUnit(pod) ? $"unit {pod.Name}" : $"pod {pod.Name}";

    internal static string Place(PodReference pod) => IsUnit(pod) ? "on this host" : "in the cluster";

    internal static string Requested(RestartRun run) =>
        IsUnit(run.Pod)
            ? $"restart of unit {run.Pod.Name} is requested"
            : $"{run.Method} of pod {run.Pod.Name} is requested";

    internal static string Awaited(PodReference pod) =>
        IsUnit(pod) ? $"systemd restarts unit {pod.Name}" : $"pod {pod.Name} ends; its replacement is awaited";

    internal static string NoAnswer(PodReference pod) =>
        IsUnit(pod)
            ? "systemd did not answer, and the unit was not restarted"
            : "the API server did not answer, and the pod is still there";

    internal static string CallerEnded(PodReference pod) =>
        IsUnit(pod)
            ? "forkguard ended during the call, and the unit was not restarted"
            : "the controller that called the API server ended, and the pod is still there";

    internal static string NotReplaced(RestartRun run)
    {
        var within = SizeText.Duration(run.ReplaceWithinSeconds);
        return IsUnit(run.Pod)
            ? $"unit {run.Pod.Name} was not active again within {within}"
            : $"no replacement of pod {run.Pod.Name} was Ready within {within}";
    }

    internal static string NoPodLeft(RestartRun run, OwnerFacts owner) =>
        $"{NotReplaced(run)}, and {owner}, which the controller cannot read, has no pod left";

    internal static string Proving(RestartRun run, string replacement) =>
        IsUnit(run.Pod)
            ? $"unit {run.Pod.Name} runs again and must stay below {run.ActAtPercent} %"
            : $"pod {replacement} replaced pod {run.Pod.Name} and must stay below {run.ActAtPercent} %";
}
