namespace ForkGuard.Api;

/// <summary>A rule that a node is judged by though its kernel applies another one. The values are those of vm.overcommit_memory.</summary>
public enum WhatIfRule
{
    Heuristic = 0,
    Strict = 2,
}

/// <summary>Which rules besides the kernel's own an agent is asked to judge by.</summary>
public readonly record struct WhatIfRules(bool Heuristic, bool Strict)
{
    /// <summary>The rules that these words name; a word that names none is left out.</summary>
    public static WhatIfRules From(IReadOnlyCollection<string?>? words) =>
        new(Names(words, WhatIfRule.Heuristic), Names(words, WhatIfRule.Strict));

    /// <summary>As in a report's <c>spec.evaluateAs</c>, always in the same order; null for none.</summary>
    public IReadOnlyList<string>? ToWords()
    {
        List<string> words = [.. BesidesMode(null).Select(rule => rule.ToString())];
        return words.Count == 0 ? null : words;
    }

    /// <summary>Those that are not the node's own rule.</summary>
    /// <param name="overcommitMode">vm.overcommit_memory of the node; null for one that has no rule of its own.</param>
    public IEnumerable<WhatIfRule> BesidesMode(int? overcommitMode)
    {
        if (Heuristic && overcommitMode != (int)WhatIfRule.Heuristic)
        {
            yield return WhatIfRule.Heuristic;
        }

        if (Strict && overcommitMode != (int)WhatIfRule.Strict)
        {
            yield return WhatIfRule.Strict;
        }
    }

    private static bool Names(IReadOnlyCollection<string?>? words, WhatIfRule rule) =>
        words?.Contains(rule.ToString(), StringComparer.Ordinal) == true;
}
