using ForkGuard.Api;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Evaluation;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>Makes the request of a target whose restart is wanted.</summary>
internal sealed class RestartRequests(
    TargetTrackers trackers,
    NodeReadings readings,
    Caches caches,
    TargetNotes notes,
    RestartOptions options,
    TimeProvider time
)
{
    private const int MaxReason = 1000;

    /// <summary>
    /// The request as of now, which may be long after the first look: by the target's last reading, at its present age. Null if
    /// the watch was changed or does not want the restart any more.
    /// </summary>
    internal RestartRequest? Current(Watch watch, WatchResource resource, Target target) =>
        trackers.Of(resource)?.Targets.FirstOrDefault(state => state.Target == target)
            is { Action.Wanted: true, Pod: not null } state
            ? For(watch, resource, state)
            : null;

    internal RestartRequest For(Watch watch, WatchResource resource, TargetState state)
    {
        var (cooldown, cooldownWatch) = MaxCooldown(watch, state.Pod!);
        return new RestartRequest
        {
            Watch = new WatchReference
            {
                Kind = watch.Identity.Kind,
                Namespace = watch.Identity.Namespace.Length == 0 ? null : watch.Identity.Namespace,
                Name = watch.Identity.Name,
                Uid = resource.Metadata.Uid ?? "",
                Generation = resource.Metadata.Generation ?? 0,
            },
            Policy = watch.Policy,
            ActAtPercent = watch.Rule.ActAtPercent,
            Pod = state.Pod!,
            Node = state.Node,
            Constraint = state.Constraint.Type,
            Scope = state.Constraint.Scope,
            Container = state.Process?.Container?.Name,
            ContainerId = state.Process?.Container?.Id,
            Command = state.Process?.Command,
            Limit = state.Constraint.Limit,
            OvercommitMode = state.OvercommitMode,
            Reason = PrintableText.Escape(notes.WhyRestarted(state), MaxReason),
            BlockedBy = state.Action.BlockedBy,
            // Of the reading that named the pod, which may not be the newest.
            ReadingAge = state.SeenTimestamp is { } seen ? time.GetElapsedTime(seen) : null,
            ScanInterval = readings.Of(state.Node)?.ScanInterval ?? TimeSpan.Zero,
            Cooldown = cooldown,
            CooldownWatch = cooldownWatch,
            IsDryRun = watch.Rule.DryRun || options.DryRun,
        };
    }

    private (TimeSpan Cooldown, string Watch) MaxCooldown(Watch watch, PodReference reference)
    {
        var pod = caches.Pods.Get(new ResourceKey(reference.Namespace, reference.Name));
        var space = caches.Namespaces.Get(new ResourceKey("", reference.Namespace));
        return trackers
            .All.Select(tracker => tracker.Watch)
            .Where(other =>
                other.Rule is { Action: WatchAction.Restart, Paused: false, DryRun: false }
                && pod is not null
                && other.Matches(pod, space)
            )
            .Append(watch)
            .Select(other => (other.Policy.Cooldown, Watch: other.Identity.ToString()))
            .MaxBy(other => other.Cooldown);
    }
}
