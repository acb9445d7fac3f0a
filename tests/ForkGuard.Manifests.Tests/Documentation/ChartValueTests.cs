using System.Text.Json.Nodes;
using ForkGuard.ApiReference;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Manifests.Tests.Documentation;

/// <summary>The README of the chart and its values.yaml.</summary>
public sealed class ChartValueTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(
        File.ReadAllText(Path.Combine(ManifestPaths.Chart, "values.schema.json"))
    )!;

    private static readonly Dictionary<string, JsonNode?> Values = Flatten(
            YamlDocuments.ReadFile(Path.Combine(ManifestPaths.Chart, "values.yaml")),
            Schema,
            ""
        )
        .ToDictionary(StringComparer.Ordinal);

    private static readonly IReadOnlyList<IReadOnlyList<string>> Rows = Page.Read("charts/forkguard/README.md")
        .TableUnder("Values");

    [Fact]
    public void The_page_has_every_value_of_the_chart_and_no_other() =>
        Assert.Equal(
            Values.Keys.Order(StringComparer.Ordinal),
            Rows.Select(NameOf).Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );

    [Fact]
    public void The_page_has_the_defaults_of_the_chart() =>
        Assert.Empty(
            from row in Rows
            let value = Values.GetValueOrDefault(NameOf(row))
            let told = YamlDocuments.Read(row[1].Trim('`')).SingleOrDefault()
            where !JsonNode.DeepEquals(value, told)
            select $"{NameOf(row)} is {value?.ToJsonString()}, and the page says {told?.ToJsonString()}"
        );

    [Fact]
    public void Every_value_is_explained() => Assert.Empty(Rows.Where(row => row[2].Length == 0).Select(NameOf));

    private static string NameOf(IReadOnlyList<string> row) => row[0].Trim('`');

    /// <summary>Down to what has no fields of the chart's own, such as resources.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Flatten(
        JsonObject values,
        JsonNode schema,
        string path
    ) =>
        values.SelectMany(member =>
            schema["properties"]![member.Key]! is var inner
            && inner["properties"] is not null
            && member.Value is JsonObject fields
                ? Flatten(fields, inner, $"{path}{member.Key}.")
                : [new KeyValuePair<string, JsonNode?>(path + member.Key, member.Value)]
        );
}
