using ForkGuard.Api;

namespace ForkGuard.Policy.Matching;

/// <summary>Kubernetes' label selectors (apimachinery, pkg/labels).</summary>
public static class Labels
{
    /// <summary>
    /// Every label and every expression matches. An empty selector matches all; NotIn and DoesNotExist match what lacks
    /// the label; an expression that the API server would refuse matches nothing.
    /// </summary>
    public static bool Match(LabelSelector selector, IReadOnlyDictionary<string, string>? labels)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)).All(wanted =>
                labels?.GetValueOrDefault(wanted.Key) is { } value
                && string.Equals(value, wanted.Value, StringComparison.Ordinal)
            )
            && (selector.MatchExpressions ?? []).All(expression =>
                Match(expression, labels?.GetValueOrDefault(expression.Key))
            );
    }

    private static bool Match(LabelSelectorRequirement expression, string? value)
    {
        var values = expression.Values ?? [];
        return (expression.Operator, values.Count > 0) switch
        {
            ("In", true) => value is not null && values.Contains(value, StringComparer.Ordinal),
            ("NotIn", true) => value is null || !values.Contains(value, StringComparer.Ordinal),
            ("Exists", false) => value is not null,
            ("DoesNotExist", false) => value is null,
            _ => false,
        };
    }
}
