using ForkGuard.Api;
using ForkGuard.Policy.Matching;

namespace ForkGuard.Policy.Tests.Matching;

/// <summary>The answers are those of apimachinery, pkg/labels/selector.go (Requirement.Matches) and its tests.</summary>
public class LabelsTests
{
    [Fact]
    public void An_empty_selector_matches_all()
    {
        Assert.True(Labels.Match(new LabelSelector(), Of("app=redis")));
        Assert.True(Labels.Match(new LabelSelector(), labels: null));
        Assert.True(Labels.Match(new LabelSelector { MatchLabels = Of(""), MatchExpressions = [] }, labels: null));
    }

    [Theory]
    [InlineData("app=redis", "app=redis", true)]
    [InlineData("app=redis", "app=redis,tier=db", true)]
    [InlineData("app=redis,tier=db", "app=redis,tier=db", true)]
    [InlineData("app=redis,tier=db", "app=redis", false)]
    [InlineData("app=redis", "app=Redis", false)]
    [InlineData("app=redis", "App=redis", false)]
    [InlineData("app=redis", "app=", false)]
    [InlineData("app=redis", "", false)]
    [InlineData("app=", "app=", true)]
    [InlineData("app=", "", false)]
    public void Every_wanted_label_is_there_with_its_value(string wanted, string labels, bool matches) =>
        Assert.Equal(matches, Labels.Match(new LabelSelector { MatchLabels = Of(wanted) }, Of(labels)));

    [Theory]
    [InlineData("In", "redis valkey", "app=redis", true)]
    [InlineData("In", "redis valkey", "app=valkey", true)]
    [InlineData("In", "redis", "app=php", false)]
    [InlineData("In", "redis", "app=REDIS", false)]
    [InlineData("In", "redis", "tier=db", false)]
    [InlineData("NotIn", "redis", "app=php", true)]
    [InlineData("NotIn", "redis", "tier=db", true)]
    [InlineData("NotIn", "redis", "", true)]
    [InlineData("NotIn", "redis valkey", "app=valkey", false)]
    [InlineData("Exists", null, "app=redis", true)]
    [InlineData("Exists", null, "app=", true)]
    [InlineData("Exists", null, "tier=db", false)]
    [InlineData("DoesNotExist", null, "tier=db", true)]
    [InlineData("DoesNotExist", null, "", true)]
    [InlineData("DoesNotExist", null, "app=redis", false)]
    [InlineData("DoesNotExist", null, "app=", false)]
    public void An_expression_is_answered_as_the_API_server_does(
        string @operator,
        string? values,
        string labels,
        bool matches
    ) => Assert.Equal(matches, Labels.Match(Selector(@operator, values), Of(labels)));

    [Theory]
    [InlineData("NotIn")]
    [InlineData("DoesNotExist")]
    public void What_has_no_labels_at_all_lacks_the_label(string @operator) =>
        Assert.True(
            Labels.Match(
                Selector(@operator, string.Equals(@operator, "NotIn", StringComparison.Ordinal) ? "redis" : null),
                labels: null
            )
        );

    [Theory]
    [InlineData("In", null)]
    [InlineData("NotIn", null)]
    [InlineData("Exists", "redis")]
    [InlineData("DoesNotExist", "redis")]
    [InlineData("notin", "redis")]
    [InlineData("Gt", "1")]
    [InlineData("", null)]
    public void What_the_API_server_would_refuse_matches_nothing(string @operator, string? values)
    {
        var selector = Selector(@operator, values);

        Assert.False(Labels.Match(selector, Of("app=redis")));
        Assert.False(Labels.Match(selector, Of("app=php")));
        Assert.False(Labels.Match(selector, labels: null));
    }

    [Fact]
    public void A_wanted_label_without_a_value_is_not_what_lacks_the_label() =>
        Assert.False(
            Labels.Match(
                new LabelSelector
                {
                    MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = null! },
                },
                labels: null
            )
        );

    [Fact]
    public void Labels_and_all_expressions_must_match()
    {
        var selector = Selector("NotIn", "php") with
        {
            MatchLabels = Of("tier=db"),
            MatchExpressions =
            [
                new LabelSelectorRequirement
                {
                    Key = "app",
                    Operator = "NotIn",
                    Values = ["php"],
                },
                new LabelSelectorRequirement { Key = "canary", Operator = "DoesNotExist" },
            ],
        };

        Assert.True(Labels.Match(selector, Of("tier=db,app=redis")));
        Assert.False(Labels.Match(selector, Of("app=redis")));
        Assert.False(Labels.Match(selector, Of("tier=db,app=php")));
        Assert.False(Labels.Match(selector, Of("tier=db,app=redis,canary=")));
    }

    private static LabelSelector Selector(string @operator, string? values) =>
        new()
        {
            MatchExpressions =
            [
                new LabelSelectorRequirement
                {
                    Key = "app",
                    Operator = @operator,
                    Values = values?.Split(' '),
                },
            ],
        };

    private static Dictionary<string, string> Of(string labels) =>
        labels
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(label => label.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
