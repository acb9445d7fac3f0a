using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>The records of a restart up to its call.</summary>
internal static class RunStart
{
    private const int MaxOwnersBelow = 16;

    /// <summary>The pod is chosen, and the cooldown begins.</summary>
    internal static ForkRestartStatus Decide(RestartInput input, RestartRequest request)
    {
        var owner = input.Facts.Owner!;
        var grace = TimeSpan.FromSeconds(request.Policy.GracePeriodSeconds ?? input.Facts.Pod!.GracePeriodSeconds);
        var run = new RestartRun
        {
            Watch = request.Watch,
            Pod = request.Pod,
            Node = request.Node,
            Zone = input.Facts.Node?.Zone,
            Constraint = request.Constraint,
            Scope = request.Scope,
            Container = request.Container,
            Command = request.Command,
            Limit = request.Limit,
            OvercommitMode = request.OvercommitMode,
            ActAtPercent = request.ActAtPercent,
            Method = request.Method ?? request.Policy.Method,
            GracePeriodSeconds = request.Policy.GracePeriodSeconds,
            Reason = request.Reason,
            OwnerUid = owner.Uid,
            ControllerUid = owner.ControllerUid,
            TemplateOwner = owner.TemplateOwner,
            TemplateHash = owner.TemplateHash,
            Replicas = owner.Replicas,
            Siblings =
            [
                .. input.Facts.Siblings.Select(pod => pod.Uid).Union([request.Pod.Uid ?? ""], StringComparer.Ordinal),
            ],
            ReplaceWithinSeconds = (int)input.Times.Replacement(grace, owner.ProgressDeadline).TotalSeconds,
            PreviousCooldown = input.Record?.Cooldown,
            DecidedTime = input.Now,
        };
        var next = (input.Record ?? new ForkRestartStatus()) with
        {
            State = RestartState.Decided,
            Pod = request.Pod,
            Restart = run,
            Cooldown = Cooldown(input, request),
            OwnersBelow = OwnersBelow(input),
            Writer = input.Writer,
        };
        return RecordConditions.InProgress(next, $"{request.Watch}: {request.Reason}", input.Now);
    }

    // An operator's object may have several workloads, and a Deployment in a rollout two ReplicaSets.
    private static List<RestartOwner>? OwnersBelow(RestartInput input)
    {
        List<RestartOwner> owners =
        [
            .. input.Facts.OwnersBelow.Concat(input.Record?.OwnersBelow ?? []).Distinct().Take(MaxOwnersBelow),
        ];
        return owners.Count > 0 ? owners : null;
    }

    /// <summary>A cooldown begins. One that lasts, because the pod's last call failed, does not end earlier for it.</summary>
    private static RestartCooldown Cooldown(RestartInput input, RestartRequest request)
    {
        var until = input.Now + request.Cooldown;
        return input.Record?.Cooldown is { } before && before.Until > until
            ? before with
            {
                Since = input.Now,
            }
            : new RestartCooldown
            {
                Since = input.Now,
                Until = until,
                Watch = request.CooldownWatch,
            };
    }

    /// <summary>The call is about to be made, or made again: the cooldown lasts its whole length from here.</summary>
    internal static ForkRestartStatus Call(RestartInput input)
    {
        var run = input.Record!.Restart!;
        var cooldown = input.Record.Cooldown;
        var next = input.Record with
        {
            State = RestartState.Called,
            Restart = run with
            {
                CalledTime = run.CalledTime ?? input.Now,
                LastCallTime = input.Now,
                CallCount = run.CallCount + 1,
            },
            Cooldown =
                cooldown is null || cooldown.Since >= input.Now
                    ? cooldown
                    : cooldown with
                    {
                        Since = input.Now,
                        Until = input.Now + (cooldown.Until - cooldown.Since),
                    },
            Writer = input.Writer,
        };
        return RecordConditions.InProgress(next, RestartText.Requested(run), input.Now);
    }
}
