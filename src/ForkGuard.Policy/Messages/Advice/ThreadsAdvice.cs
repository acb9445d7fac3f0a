using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class ThreadsAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.Threads;

    public string Clause(AdviceCase advised) =>
        "find the program with the most threads (ps -eLf) or raise kernel.threads-max";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return "All threads of the machine together reach the limit: ps -eo nlwp,pid,comm --sort=-nlwp shows who has the most.";
        yield return $"sysctl kernel.threads-max=N{advised.OnNode} raises the limit, which follows from the size of the memory.";
    }
}
