using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class CopyOnWriteAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.CopyOnWrite;

    public string Clause(AdviceCase advised) =>
        $"{MemoryLimit.Remedy(advised)}, save when few writes come, or save on a replica";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return "Every page that is written while a child saves is copied: save when few writes come, or save on a replica only.";
        yield return $"Make room for the copies beside the data: {MemoryLimit.Remedy(advised)}.";
    }
}
