namespace ForkGuard.Api;

/// <summary>The accounting rules that an agent evaluates besides the kernel's own.</summary>
public readonly record struct WhatIfRules(bool Heuristic, bool Strict)
{
    /// <summary>The rules in a report's <c>spec.evaluateAs</c>; one that this version does not know is left out.</summary>
    public static WhatIfRules From(IReadOnlyCollection<OpenEnum<EvaluationMode>>? rules) =>
        new(rules?.Contains(EvaluationMode.Heuristic) == true, rules?.Contains(EvaluationMode.Strict) == true);

    /// <summary>As in a report's <c>spec.evaluateAs</c>, always in the same order; null for none.</summary>
    public IReadOnlyList<OpenEnum<EvaluationMode>>? ToList()
    {
        List<OpenEnum<EvaluationMode>> rules = [.. BesidesMode(null).Select(rule => (OpenEnum<EvaluationMode>)rule)];
        return rules.Count == 0 ? null : rules;
    }

    /// <summary>The rules that differ from the node's own.</summary>
    /// <param name="overcommitMode">vm.overcommit_memory of the node; null for all rules.</param>
    public IEnumerable<EvaluationMode> BesidesMode(int? overcommitMode)
    {
        if (Heuristic && overcommitMode != 0)
        {
            yield return EvaluationMode.Heuristic;
        }

        if (Strict && overcommitMode != 2)
        {
            yield return EvaluationMode.Strict;
        }
    }
}
