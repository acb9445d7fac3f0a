namespace ForkGuard.Api.Validation;

/// <summary>The rules of label selectors, as the API server has them.</summary>
internal static class SelectorRules
{
    private const string WithValues = "In or NotIn";

    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    /// <summary>A selector of pods must name some: an empty one would match every pod there is.</summary>
    public static void CheckPods(string path, LabelSelector selector, Findings findings)
    {
        if (selector.MatchLabels is not { Count: > 0 } && selector.MatchExpressions is not { Count: > 0 })
        {
            findings.Add(path, "is empty and would match every pod; select pods with matchLabels or matchExpressions");
        }

        Check(path, selector, findings);
    }

    public static void Check(string path, LabelSelector selector, Findings findings)
    {
        var labels = FieldPath.Member(path, "matchLabels");
        ListLengths.Check(labels, selector.MatchLabels?.Count, findings);
        foreach (var (key, value) in selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            var label = FieldPath.Member(labels, key);
            if (!ObjectNames.IsLabelKey(key))
            {
                findings.Add(label, ObjectNames.MustBeLabelKey(key));
            }

            if (!ObjectNames.IsLabelValue(value))
            {
                findings.Add(label, ObjectNames.MustBeLabelValue(value));
            }
        }

        var expressions = FieldPath.Member(path, "matchExpressions");
        ListLengths.Check(expressions, selector.MatchExpressions?.Count, findings);
        for (var index = 0; index < selector.MatchExpressions?.Count; index++)
        {
            // Null stands for an element that could not be read.
            if (selector.MatchExpressions[index] is { } expression)
            {
                CheckExpression(FieldPath.Item(expressions, index), expression, findings);
            }
        }
    }

    private static void CheckExpression(string path, LabelSelectorRequirement expression, Findings findings)
    {
        if (!ObjectNames.IsLabelKey(expression.Key))
        {
            findings.Add(FieldPath.Member(path, "key"), ObjectNames.MustBeLabelKey(expression.Key));
        }

        var operatorPath = FieldPath.Member(path, "operator");
        var valuesPath = FieldPath.Member(path, "values");
        var given = expression.Values is { Count: > 0 };
        switch (expression.Operator)
        {
            case "In" or "NotIn" when !given:
                findings.Add(
                    valuesPath,
                    $"is missing or empty; operator {expression.Operator} needs at least one value",
                    operatorPath
                );
                break;
            case "Exists" or "DoesNotExist" when given:
                findings.Add(
                    valuesPath,
                    $"must be left out with operator {expression.Operator}; values go with {WithValues}",
                    operatorPath
                );
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            default:
                var near = NearestName.Of(expression.Operator, Operators);
                findings.Add(
                    operatorPath,
                    $"is {PrintableText.Quote(expression.Operator)} but must be {Described.Choice(Operators)}"
                        + (near is null ? "" : $"; did you mean {near}?")
                );
                break;
        }

        ListLengths.Check(valuesPath, expression.Values?.Count, findings);
        for (var index = 0; index < expression.Values?.Count; index++)
        {
            if (expression.Values[index] is { } value && !ObjectNames.IsLabelValue(value))
            {
                findings.Add(FieldPath.Item(valuesPath, index), ObjectNames.MustBeLabelValue(value));
            }
        }
    }
}
