using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Steps of a restart whose pod ends: its replacement is recognised by uids, never by clocks.</summary>
internal static class Replacements
{
    internal static RestartStep Step(RestartInput input)
    {
        var run = input.Record!.Restart!;
        if (Interrupted(input) is { } interrupted)
        {
            return interrupted;
        }

        if (Find(input, run) is { } found)
        {
            return RestartMachine.Written(input, Proving(input, run, found));
        }

        if (input.Facts.NotReplaced is { } cause)
        {
            return Ended(input, RestartResult.NotReplaced, cause);
        }

        var until = (run.AcceptedTime ?? run.DecidedTime) + TimeSpan.FromSeconds(run.ReplaceWithinSeconds);
        return input.Now < until ? RestartMachine.Waits(until)
            : IsRolledOut(input, run)
                ? Ended(input, RestartResult.Superseded, "a rollout replaced the ReplicaSet of the pod")
            : IsPerhapsGone(input)
                ? Ended(input, RestartResult.Unproven, RestartText.NoPodLeft(run, input.Facts.Owner!))
            : Ended(input, RestartResult.NotReplaced, RestartText.NotReplaced(run));
    }

    /// <summary>The workload is gone, was changed or scaled down: the restart ends, whatever became of its pod. Null if none of it.</summary>
    internal static RestartStep? Interrupted(RestartInput input)
    {
        var run = input.Record!.Restart!;
        if (
            input.Facts.Owner is not { } owner
            || !Same(owner.Uid, run.OwnerUid)
            || !Same(owner.TemplateOwner?.Uid, run.TemplateOwner?.Uid)
        )
        {
            return Ended(input, RestartResult.OwnerGone, input.Facts.Unmanaged ?? "the workload was deleted");
        }

        if (!Same(owner.TemplateHash, run.TemplateHash))
        {
            return Ended(input, RestartResult.Superseded, "the pod template of the workload was changed");
        }

        return owner.Replicas < run.Replicas
            ? Ended(input, RestartResult.Superseded, $"the workload was scaled down to {owner.Replicas} replicas")
            : null;
    }

    private static SiblingPod? Find(RestartInput input, RestartRun run) =>
        NewPods(input, run)
            .FirstOrDefault(pod =>
                input.Facts.Owner!.TemplateKind switch
                {
                    "StatefulSet" => Same(pod.Name, run.Pod.Name),
                    "DaemonSet" => Same(pod.Node, run.Node),
                    _ => Same(pod.ControllerUid, run.ControllerUid),
                }
            );

    /// <summary>A rollout that had begun before the decision has another ReplicaSet, whose pods are no replacement.</summary>
    private static bool IsRolledOut(RestartInput input, RestartRun run) =>
        input.Facts.Owner!.TemplateKind is "Deployment"
        && NewPods(input, run).Any(pod => !Same(pod.ControllerUid, run.ControllerUid));

    /// <summary>A workload that cannot be read and has no pod left was deleted or scaled down, as far as anything shows.</summary>
    private static bool IsPerhapsGone(RestartInput input) =>
        input.Facts.Owner!.IsUnread && input.Facts.Siblings.All(pod => pod.IsTerminating);

    private static IEnumerable<SiblingPod> NewPods(RestartInput input, RestartRun run)
    {
        var earlier = run.Siblings.ToHashSet(StringComparer.Ordinal);
        return input.Facts.Siblings.Where(pod =>
            pod is { IsReady: true, IsTerminating: false, Node: not null } && !earlier.Contains(pod.Uid)
        );
    }

    private static ForkRestartStatus Proving(RestartInput input, RestartRun run, SiblingPod found)
    {
        var replacement = new ReplacementPod
        {
            Pod = run.Pod with { Name = found.Name, Uid = found.Uid },
            Node = found.Node!,
            SeenTime = input.Now,
        };
        var next = input.Record! with
        {
            State = RestartState.Proving,
            Restart = run with { Replacement = replacement },
        };
        return RecordConditions.InProgress(next, RestartText.Proving(run, found.Name), input.Now);
    }

    private static RestartStep Ended(RestartInput input, RestartResult result, string message) =>
        RestartMachine.Written(input, RunEnd.With(input, result, message));

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.Ordinal);
}
