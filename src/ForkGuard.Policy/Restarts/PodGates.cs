namespace ForkGuard.Policy.Restarts;

/// <summary>Gates about the pod and its node.</summary>
internal static class PodGates
{
    private const string RaiseOrRemove = "raise its limit, or remove it from hostProcesses.units";

    internal static string? ReportMismatch(GateInput input) =>
        input.Facts.Pod is not { } pod ? "the pod is gone"
        : !string.Equals(pod.Uid, input.Request.Pod.Uid, StringComparison.Ordinal) && !pod.IsStatic
            ? RestartText.IsUnit(input.Request.Pod) ? "the unit was restarted after the reading"
                : "the pod was replaced by another one of the same name"
        : !string.Equals(pod.Node, input.Request.Node, StringComparison.Ordinal)
            ? $"the pod runs on node {pod.Node ?? "(none)"}, and node {input.Request.Node} reported it"
        : input.Facts.Mismatch;

    internal static string? Terminating(GateInput input) =>
        input.Facts.Pod is not { IsTerminating: true } ? null
        : RestartText.IsUnit(input.Request.Pod) ? "systemd starts, stops or restarts the unit already"
        : "the pod is ending already";

    internal static string? NodeNotReady(GateInput input) =>
        input.Facts.Node is { IsReady: true } ? null
        : input.Facts.Node is null ? $"node {input.Request.Node} does not exist"
        : $"node {input.Request.Node} is not Ready";

    internal static string? NodeDraining(GateInput input) =>
        input.Facts.Node is { IsDraining: true } ? $"node {input.Request.Node} is cordoned" : null;

    internal static string? Static(GateInput input) =>
        input.Facts.Pod is { IsStatic: true }
            ? RestartText.IsUnit(input.Request.Pod)
                ? "the unit may not be restarted by hand (RefuseManualStart=, RefuseManualStop=, or nothing to start); "
                    + RaiseOrRemove
                : "the kubelet runs a static pod from a file, and it is never restarted"
            : null;

    internal static string? Critical(GateInput input) =>
        input.Facts.Pod is not { IsCritical: true } ? null
        : RestartText.IsUnit(input.Request.Pod)
            ? "the host depends on the unit: systemd's own units, D-Bus, logins, the network and ForkGuard are never restarted; "
                + RaiseOrRemove
        : "the pod has a system-critical priority";

    internal static string? Unmanaged(GateInput input) =>
        input.Facts is { Pod.IsStatic: false } and ({ Owner: null } or { IsOwned: false })
            ? input.Facts.Unmanaged ?? "the pod has no controller, or its owner is gone: nothing would replace it"
            : null;

    internal static string? Job(GateInput input) =>
        input.Facts is { Owner: { } owner, Pod: { } pod }
        && (owner.Owner.Kind is "Job" or "CronJob" || pod.RunsToCompletion)
            ? $"the work of {owner} would be lost"
            : null;

    internal static string? LocalStorage(GateInput input) =>
        input.Facts.Pod is { HasLocalStorage: true } && !input.Request.Policy.AllowLocalStorage
            ? "the data in the pod's emptyDir would be lost (restart.allowLocalStorage is false)"
            : null;
}
