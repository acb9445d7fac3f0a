using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class CommitChargeAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.CommitCharge;

    public string Clause(AdviceCase advised)
    {
        var ratio = $"raise vm.overcommit_ratio{advised.OnNode}";
        var remedies = advised.CanHaveSwap ? $"add swap{advised.OnNode} or {ratio}" : ratio;
        return advised.WhatIfMode is { } mode
            ? $"{remedies}, before vm.overcommit_memory becomes {mode}"
            : RestartAdvice.Clause(advised, remedies);
    }

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return SpawnAdvice.For(advised);
        if (advised.Constraint.Mapping is not null)
        {
            foreach (var sentence in MappingAdvice.Sentences(advised))
            {
                yield return sentence;
            }
        }

        var missing = advised.Missing;
        if (advised.CanHaveSwap)
        {
            var size = missing > 0 ? $"{advised.MissingSize} of " : "";
            yield return $"Add {size}swap{advised.OnNode}: it raises CommitLimit by its size.";
        }

        yield return missing > 0 && advised.Facts.CommitLimitWithoutSwapBytes is { } without
            ? $"sysctl vm.overcommit_kbytes={(without + AdviceCase.RoundUpToMebibytes(missing)) / 1024}{advised.OnNode} "
                + $"(or a higher vm.overcommit_ratio) raises CommitLimit by the missing {advised.MissingSize}."
            : $"A higher vm.overcommit_ratio or vm.overcommit_kbytes{advised.OnNode} raises CommitLimit.";
        if (advised.WhatIfMode is null)
        {
            yield return $"sysctl vm.overcommit_memory=0{advised.OnNode} compares only the largest mapping, with RAM plus swap.";
            yield return RestartAdvice.Sentence(advised, "its memory");
        }
    }
}
