using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class PidsAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.Pids;

    public string Clause(AdviceCase advised) =>
        RestartAdvice.Clause(
            advised,
            advised.Constraint.Zombies > 0
                ? $"reap the zombies (an init such as tini) or {LimitClause(advised)}"
                : $"run fewer threads and processes or {LimitClause(advised)}"
        );

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        if (advised.Constraint is { Zombies: > 0 and var zombies })
        {
            var parent = advised.Constraint.ZombieParent is { } known ? ZombieText.Parent(known) : "their parent";
            yield return $"{zombies} of the tasks are zombies: {parent} does not wait for its children. Correct it, or run an init "
                + "such as tini as process 1 of the container (docker run --init).";
        }

        yield return "Each thread is a task: run fewer threads and processes. The limit refuses threads and posix_spawn as well, so "
            + "no runtime is exempt.";
        yield return Limit(advised);
        yield return RestartAdvice.Sentence(advised, "the tasks");
    }

    private static string LimitClause(AdviceCase advised) =>
        LimitOwners.Of(advised) switch
        {
            LimitOwner.Pod => "raise podPidsLimit of the kubelet",
            LimitOwner.PodContainer => "raise the pids limit of the container runtime (pids_limit of CRI-O)",
            LimitOwner.EngineContainer => "raise --pids-limit of the container",
            LimitOwner.Unit => $"raise TasksMax= of {Unit(advised)}",
            _ => $"raise pids.max of {ConstraintText.Scope(advised.Constraint)}",
        };

    private static string Limit(AdviceCase advised) =>
        LimitOwners.Of(advised) switch
        {
            LimitOwner.Pod =>
                "The limit is the pod's pids limit: raise podPidsLimit in the kubelet's configuration of the node; it applies to new pods.",
            LimitOwner.PodContainer =>
                "The limit is the container's: raise it in the configuration of its runtime on the node (pids_limit of CRI-O). "
                    + "It applies to new containers.",
            LimitOwner.EngineContainer =>
                "The limit is the container's: docker update --pids-limit N CONTAINER, or podman update --pids-limit.",
            LimitOwner.AllPods or LimitOwner.AbovePod =>
                $"The limit is pids.max of {ConstraintText.Scope(advised.Constraint)}, which other pods share: raise it on the node.",
            LimitOwner.Unit => $"The limit is TasksMax= of systemd: systemctl set-property {Unit(advised)} TasksMax=N.",
            _ => $"The limit is pids.max of {ConstraintText.Scope(advised.Constraint)}: write a higher number to it.",
        };

    private static string Unit(AdviceCase advised) => PrintableText.Escape(LimitOwners.Unit(advised)!);
}
