using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class LargestMappingAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.LargestMapping;

    public string Clause(AdviceCase advised)
    {
        var swap = advised.CanHaveSwap ? $", or add swap{advised.OnNode}" : "";
        var remedies = MappingAdvice.Clause(advised) + swap;
        return advised.WhatIfMode is { } mode
            ? $"{remedies}, before vm.overcommit_memory becomes {mode}"
            : RestartAdvice.Clause(advised, remedies);
    }

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return SpawnAdvice.For(advised);
        foreach (var sentence in MappingAdvice.Sentences(advised))
        {
            yield return sentence;
        }

        if (MappingAdvice.MayBeReservation(advised))
        {
            yield return "If it is a reservation that is mostly empty: map it with MAP_NORESERVE, which is not charged in mode 0.";
        }

        foreach (var sentence in LimitSentences(advised))
        {
            yield return sentence;
        }

        if (advised.WhatIfMode is null)
        {
            yield return $"sysctl vm.overcommit_memory=1{advised.OnNode}: the kernel then refuses no fork for its memory, and the OOM "
                + "killer decides if memory runs out.";
            yield return RestartAdvice.Sentence(advised, "the memory");
        }
    }

    // Kernels from 5.2 compare with RAM plus swap, exactly; before, with memory that looks free at the moment.
    private static IEnumerable<string> LimitSentences(AdviceCase advised)
    {
        var isTotal = advised.Constraint.Confidence == Confidence.Exact;
        if (!isTotal)
        {
            var swap = advised.CanHaveSwap ? $", or add as much swap{advised.OnNode}" : "";
            yield return advised.Missing > 0
                ? $"Free at least {advised.MissingSize} of memory{swap}: the limit is memory that looks free."
                : $"Free memory{swap}: the limit is memory that looks free.";
        }
        else if (advised.CanHaveSwap)
        {
            var size = advised.Missing > 0 ? $"at least {advised.MissingSize} of " : "";
            yield return $"Add {size}swap{advised.OnNode}: the limit is RAM plus swap, and the swap need not be used.";
        }
    }
}
