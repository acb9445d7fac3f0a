using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Gates about the workload, its other pods and its record.</summary>
internal static class WorkloadGates
{
    internal static string? SiblingTerminating(GateInput input) =>
        input.Facts.Siblings.FirstOrDefault(pod => pod.IsTerminating && !IsRequested(input, pod)) is { } ending
            ? $"pod {ending.Name} of {input.Facts.Owner} is ending"
            : null;

    internal static string? GaveUp(GateInput input)
    {
        var ineffective = Records(input).Sum(record => RestartRecords.IneffectiveInLastDay(record, input.Now));
        var max = input.Request.Policy.MaxIneffectiveRestarts;
        return ineffective >= max
            ? $"{ineffective} restarts within a day did not help (restart.maxIneffectiveRestarts is {max})"
            : null;
    }

    internal static string? MinReadyReplicas(GateInput input)
    {
        if (input.Facts.Owner is not { } owner)
        {
            return null;
        }

        var ready = input.Facts.Siblings.Count(pod =>
            pod is { IsReady: true, IsTerminating: false } && !IsRequested(input, pod)
        );
        var min = input.Request.Policy.MinReadyReplicas;
        return ready < min ? $"{ready} other replicas of {owner} are Ready (restart.minReadyReplicas is {min})" : null;
    }

    internal static string? OutsideWindow(GateInput input) =>
        RestartWindows.IsOpen(input.Request.Policy.Windows, input.Now) ? null : "no restart window is open";

    internal static string? Cooldown(GateInput input)
    {
        if (input.IsOwn)
        {
            return null;
        }

        var recorded = Records(input)
            .Select(record => Cooldown(input, record))
            .FirstOrDefault(message => message is not null);
        if (recorded is not null)
        {
            return recorded;
        }

        var today = Records(input).Sum(record => RestartRecords.InLastDay(record, input.Now));
        return today >= RestartRecords.MaxPerDay
            ? $"{today} restarts of the {(RestartText.IsUnit(input.Request.Pod) ? "unit" : "workload")} within a day (at most {RestartRecords.MaxPerDay})"
            : null;
    }

    /// <summary>The restart in progress of a record, or its cooldown.</summary>
    private static string? Cooldown(GateInput input, ForkRestartStatus? record)
    {
        if (RestartRecords.StateOf(record) is { } state and not RestartState.Idle)
        {
            return RestartText.IsUnit(input.Request.Pod)
                ? $"a restart of the unit is in progress ({state})"
                : $"a restart of pod {record?.Restart?.Pod.Name} of the same workload is in progress ({state})";
        }

        if (RestartRecords.Cooldown(record, input.Request) is { } cooldown)
        {
            var repeated = RestartRecords.RepeatedFrom(record, cooldown, input.Request);
            if (input.Now < cooldown.Until && (repeated is not { } from || input.Now < from))
            {
                return repeated < cooldown.Until
                    ? $"the call for this pod failed, {RestartGates.Seconds(repeated.Value - input.Now)} until it is repeated"
                    : $"a restart was requested at {cooldown.Since.UtcDateTime:HH:mm:ss} UTC, {RestartGates.Seconds(cooldown.Until - input.Now)} "
                        + $"of the cooldown of {cooldown.Watch} are left";
            }
        }

        return null;
    }

    private static IEnumerable<ForkRestartStatus?> Records(GateInput input) =>
        input.Facts.FormerRecords.Prepend(input.Record);

    private static bool IsRequested(GateInput input, SiblingPod pod) =>
        string.Equals(pod.Uid, input.Request.Pod.Uid, StringComparison.Ordinal);
}
