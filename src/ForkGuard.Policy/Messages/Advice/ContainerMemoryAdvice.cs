using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class ContainerMemoryAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.ContainerMemory;

    public string Clause(AdviceCase advised) => $"{MemoryLimit.Remedy(advised)}, or use less memory";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return $"There is no room for the page tables of a child: {MemoryLimit.Remedy(advised)}, or use less memory.";
        yield return "A fork beyond the limit ends in an OOM kill, or in ENOMEM where no process can be killed.";
    }
}
