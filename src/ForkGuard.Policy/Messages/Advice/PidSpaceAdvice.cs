using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class PidSpaceAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.PidSpace;

    public string Clause(AdviceCase advised) => $"raise kernel.pid_max{advised.OnNode}, or find who leaks processes";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return "Processes, threads, zombies, sessions and process groups hold pids: ps -eo nlwp,pid,comm --sort=-nlwp shows who "
            + "has the most.";
        yield return $"sysctl kernel.pid_max=N{advised.OnNode} raises the limit, to at most 4194304 on 64-bit machines.";
    }
}
