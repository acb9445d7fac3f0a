using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Validation;
using ForkGuard.Manifests.Tests.Schemas;

namespace ForkGuard.Manifests.Tests;

public sealed class InvalidSampleTests
{
    public static TheoryData<string> Names { get; } = [.. InvalidSample.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_validator_names_the_field(string name)
    {
        var sample = InvalidSample.Read(name);
        var read = WatchDocument.Read(sample.Document);
        Assert.Equal(sample.ValidatorField, string.Join(" ", read.Errors.Select(error => error.Path)));
        Assert.True(
            FieldPath.Holds(sample.ValidatorField, sample.Field)
                || FieldPath.Holds(sample.Field, sample.ValidatorField),
            $"{sample.ValidatorField}, {sample.Field}"
        );
    }

    [Theory]
    [InlineData(ForkGuardApi.ForkWatchKind)]
    [InlineData(ForkGuardApi.ClusterForkWatchKind)]
    public void Every_rule_of_the_schema_is_broken_by_a_sample(string kind)
    {
        var resource = CustomResources.All.Single(resource => resource.Kind == kind);
        var samples = InvalidSample.Names.Select(InvalidSample.Read).ToList();
        var broken = samples.Select(sample => Unnumbered(sample.Field)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(RuledFields(resource.Schema).Except(broken, StringComparer.Ordinal));
    }

    /// <summary>The fields of the spec that have a rule of their own, as their errors name them.</summary>
    private static IEnumerable<string> RuledFields(JsonObject schema)
    {
        string[] keys =
        [
            "minimum",
            "maximum",
            "enum",
            "pattern",
            "minLength",
            "maxLength",
            "maxItems",
            "maxProperties",
        ];
        foreach (var (path, field) in CustomResources.FieldsOf(schema).Where(e => IsJudged(e.Path)))
        {
            if (keys.Any(field.ContainsKey))
            {
                yield return path;
            }

            if (field["items"] is JsonObject items && keys.Any(items.ContainsKey))
            {
                yield return path + "[]";
            }

            foreach (var holder in new[] { (path, field), (path + "[]", field["items"] as JsonObject) })
            {
                foreach (var rule in holder.Item2?["x-kubernetes-validations"] as JsonArray ?? [])
                {
                    yield return holder.Item1 + rule!["fieldPath"]?.GetValue<string>();
                }

                foreach (var required in holder.Item2?["required"] as JsonArray ?? [])
                {
                    yield return $"{holder.Item1}.{required}";
                }
            }
        }
    }

    // What a namespaceSelector consists of is the same as of a selector, which has the samples.
    private static bool IsJudged(string path) =>
        path.Split('.')[0] is "spec"
        && !path.StartsWith("spec.namespaceSelector.matchExpressions", StringComparison.Ordinal)
        && !path.StartsWith("spec.namespaceSelector.matchLabels", StringComparison.Ordinal);

    private static string Unnumbered(string path) =>
        string.Concat(path.Split('[', ']').Select((part, index) => index % 2 == 0 ? part : "[]"));
}
