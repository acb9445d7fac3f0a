using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class PidNamespaceAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.PidNamespace;

    public string Clause(AdviceCase advised) => "restart it: a pid namespace without its init accepts no process";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return "The process made a pid namespace for its children, and the first process in it has ended. No process can start "
            + "in that namespace again.";
        yield return "Restart the process, or let it fork an init that stays (unshare --fork --pid runs one).";
    }
}
