using ForkGuard.Api;

namespace ForkGuard.Policy.Matching;

/// <summary>Kubernetes' label selectors (apimachinery, pkg/labels).</summary>
public static class Labels
{
    /// <summary>
    /// Every label and every expression matches. An empty selector matches all; NotIn and DoesNotExist match what lacks
    /// the label; an operator that is none of the four matches nothing.
    /// </summary>
    public static bool Match(LabelSelector selector, IReadOnlyDictionary<string, string>? labels)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)).All(wanted =>
                string.Equals(labels?.GetValueOrDefault(wanted.Key), wanted.Value, StringComparison.Ordinal)
            )
            && (selector.MatchExpressions ?? []).All(expression =>
                Match(expression, labels?.GetValueOrDefault(expression.Key))
            );
    }

    private static bool Match(LabelSelectorRequirement expression, string? value)
    {
        var isListed = value is not null && expression.Values?.Contains(value, StringComparer.Ordinal) == true;
        return expression.Operator switch
        {
            "In" => isListed,
            "NotIn" => !isListed,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
